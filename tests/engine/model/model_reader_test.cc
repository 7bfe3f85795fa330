// SPDX-License-Identifier: Apache-2.0
// What a sound file reads as.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "glimpse/op_options.h"
#include "tests/support/model_builder.h"

namespace glimpse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Op = wire::BuiltinOperator;

template <typename Struct>
Struct OptionsOf(const OperatorInfo& op) {
  Struct options{};
  EXPECT_EQ(op.options.size(), sizeof(Struct));
  std::memcpy(&options, op.options.data(), std::min(op.options.size(), sizeof(Struct)));
  EXPECT_EQ(options.struct_size, sizeof(Struct));
  return options;
}

// ADD, MUL and their like have an output of their inputs' type, whatever a file says that leaves the type out.
TEST(ModelReader, AnOutputOfArithmeticWithoutATypeHasThatOfTheInputs) {
  testkit::ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {4}, .scales = {0.5F}});
  const int sum =
      b.Tensor({.name = "sum", .type = DType::kFloat32, .shape = {4}, .scales = {0.25F}, .zero_points = {-7}});
  const int top =
      b.Tensor({.name = "top", .type = DType::kFloat32, .shape = {4}, .scales = {0.25F}, .zero_points = {-7}});
  const int other = b.Tensor({.name = "other", .type = DType::kFloat32, .shape = {4}, .scales = {1}});
  b.Operator(Op::ADD, {x, x}, {sum}, wire::AddOptionsT());
  b.Operator(Op::MAXIMUM, {sum, sum}, {top}, wire::MaximumMinimumOptionsT());
  b.Operator(Op::DEQUANTIZE, {x}, {other}, wire::DequantizeOptionsT());
  b.Output(top);
  const auto model = b.Model();
  const Subgraph& graph = model->main();
  for (const int index : {sum, top}) {
    const TensorInfo& tensor = graph.tensors[static_cast<size_t>(index)];
    EXPECT_EQ(tensor.type, DType::kInt8);
    EXPECT_EQ(tensor.size_bytes, 4u);
    EXPECT_THAT(tensor.quantization.scales, ElementsAre(0.25F));
    EXPECT_THAT(tensor.quantization.zero_points, ElementsAre(-7));
  }
  EXPECT_EQ(graph.tensors[static_cast<size_t>(other)].type, DType::kFloat32);
  EXPECT_THAT(graph.tensors[static_cast<size_t>(other)].quantization.scales, IsEmpty());
}

TEST(ModelReader, OnlyAnAbsentTypeIsFilledIn) {
  testkit::ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {4}, .scales = {0.5F}});
  const int f = b.Input({.name = "f", .type = DType::kFloat32, .shape = {4}});
  const int wide = b.Tensor({.name = "wide", .type = DType::kInt32, .shape = {4}});
  const int real = b.Tensor({.name = "real", .type = DType::kFloat32, .shape = {4}});
  const int mixed = b.Tensor({.name = "mixed", .type = DType::kFloat32, .shape = {4}});
  b.Operator(Op::ADD, {x, x}, {wide}, wire::AddOptionsT());
  b.Operator(Op::ADD, {f, f}, {real}, wire::AddOptionsT());
  b.Operator(Op::ADD, {f, x}, {mixed}, wire::AddOptionsT());
  b.Output(real);
  const auto model = b.Model();
  const Subgraph& graph = model->main();
  EXPECT_EQ(graph.tensors[static_cast<size_t>(wide)].type, DType::kInt32);
  EXPECT_EQ(graph.tensors[static_cast<size_t>(real)].type, DType::kFloat32);
  EXPECT_EQ(graph.tensors[static_cast<size_t>(mixed)].type, DType::kFloat32);
}

TEST(ModelReader, GivesTensorsAsTheFileHasThem) {
  const auto model = testkit::TinyCnn().Model("tiny.tflite");
  EXPECT_EQ(model->path(), "tiny.tflite");
  EXPECT_EQ(model->description(), "built by a test");
  const Subgraph& graph = model->main();
  EXPECT_EQ(graph.name, "main");
  EXPECT_THAT(graph.inputs, ElementsAre(0));
  EXPECT_THAT(graph.outputs, ElementsAre(9));
  ASSERT_EQ(graph.tensors.size(), 10u);
  const TensorInfo& image = graph.tensors[0];
  EXPECT_EQ(image.name, "image");
  EXPECT_EQ(image.type, DType::kInt8);
  EXPECT_THAT(image.shape, ElementsAre(1, 6, 6, 1));
  EXPECT_EQ(image.size_bytes, 36u);
  EXPECT_FALSE(image.is_constant);
  EXPECT_THAT(image.quantization.scales, ElementsAre(1.0f / 255));
  EXPECT_THAT(image.quantization.zero_points, ElementsAre(-128));
  const TensorInfo& filter = graph.tensors[1];
  EXPECT_TRUE(filter.is_constant);
  EXPECT_EQ(filter.data.size(), 18u);
  EXPECT_TRUE(filter.quantization.per_channel());
  EXPECT_THAT(filter.quantization.scales, ElementsAre(0.01f, 0.02f));
  EXPECT_EQ(filter.quantization.axis, 0);
  int32_t bias[2];
  ASSERT_EQ(graph.tensors[2].data.size(), sizeof(bias));
  std::memcpy(bias, graph.tensors[2].data.data(), sizeof(bias));
  EXPECT_THAT(bias, ElementsAre(100, -2000));
}

TEST(ModelReader, GivesOperatorsWithDecodedOptions) {
  const auto model = testkit::TinyCnn().Model();
  const auto& ops = model->main().operators;
  ASSERT_EQ(ops.size(), 5u);
  EXPECT_EQ(ops[0].op, "tflite.CONV_2D");
  EXPECT_EQ(ops[0].ShortName(), "CONV_2D");
  EXPECT_EQ(ops[0].version, 3);
  EXPECT_THAT(ops[0].inputs, ElementsAre(0, 1, 2));
  EXPECT_THAT(ops[0].outputs, ElementsAre(3));
  const auto conv = OptionsOf<glimpse_conv_2d_options>(ops[0]);
  EXPECT_EQ(conv.padding, GLIMPSE_PADDING_VALID);
  EXPECT_EQ(conv.activation, GLIMPSE_ACT_RELU);
  EXPECT_EQ(conv.stride_height, 1);
  EXPECT_EQ(conv.dilation_width, 1);
  const auto pool = OptionsOf<glimpse_pool_2d_options>(ops[1]);
  EXPECT_EQ(pool.filter_height, 2);
  EXPECT_EQ(pool.stride_width, 2);
  EXPECT_EQ(OptionsOf<glimpse_reshape_options>(ops[2]).has_new_shape, 0u);
  EXPECT_THAT(ops[3].inputs, ElementsAre(6, 7, -1));
  EXPECT_EQ(OptionsOf<glimpse_softmax_options>(ops[4]).beta, 1.0f);
}

TEST(ModelReader, GivesContentBehindTheFlatbufferLikeContentInside) {
  const auto inside = testkit::TinyCnn().Model();
  for (const size_t align : {1u, 16u, 4096u}) {
    const auto behind = Model::Parse(testkit::TinyCnn().BuildWithDataBehind(align), "behind.tflite");
    ASSERT_TRUE(behind) << behind.error().message;
    for (size_t i = 0; i < inside->main().tensors.size(); ++i) {
      const TensorInfo& tensor = (*behind)->main().tensors[i];
      EXPECT_TRUE(std::ranges::equal(tensor.data, inside->main().tensors[i].data)) << i;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data.data()) % 16, 0u) << i;
    }
    EXPECT_EQ((*behind)->metadata("note").size(), 2u);
  }
}

TEST(ModelReader, MissingOptionsReadAsTheDefaults) {
  auto b = testkit::TinyShapes();
  b.op(4).builtin_options.Reset();
  const auto add = OptionsOf<glimpse_elementwise_options>(b.Model()->main().operators[4]);
  EXPECT_EQ(add.activation, GLIMPSE_ACT_NONE);
  EXPECT_EQ(add.pot_scale_int16, 1u);
}

}  // namespace
}  // namespace glimpse
