// SPDX-License-Identifier: Apache-2.0
// Every rule about operators, their options and the graph that a file can break. Operators of TinyCnn: 0 CONV_2D, 1
// MAX_POOL_2D, 2 RESHAPE, 3 FULLY_CONNECTED, 4 SOFTMAX.
#include <cmath>
#include <limits>

#include "glimpse/op_options.h"
#include "tests/engine/model/rule_test.h"

namespace glimpse {
namespace {

using testkit::ModelBuilder;
using testkit::TinyCnn;
using Op = wire::BuiltinOperator;

// ---- operator codes ----

TEST(OperatorCodeRules, AnIndexMustExist) {
  ModelBuilder b = TinyCnn();
  b.op(1).opcode_index = 5;
  ExpectInvalid(b, "operators[1].opcode_index is 5, the file has 5 operator codes");
}

TEST(OperatorCodeRules, VersionsStartAtOne) {
  ModelBuilder b = TinyCnn();
  b.raw().operator_codes[2]->version = 0;
  ExpectInvalid(b, "operator_codes[2].version is 0, versions start at 1");
}

TEST(OperatorCodeRules, TheLargerOfBothCodesCounts) {
  ModelBuilder b = TinyCnn();
  b.raw().operator_codes[1]->builtin_code = Op::ADD;  // 0: as files have it that know the old field only
  EXPECT_EQ(b.Model()->main().operators[1].op, "tflite.MAX_POOL_2D");
  b.op(1).builtin_options.Reset();
  b.raw().operator_codes[1]->builtin_code = Op::GELU;
  EXPECT_EQ(b.Model()->main().operators[1].op, "tflite.GELU");
  b.raw().operator_codes[1]->deprecated_builtin_code = 127;
  EXPECT_EQ(b.Model()->main().operators[1].op, "tflite.GELU");
}

TEST(OperatorCodeRules, CodesAreNotNegative) {
  ModelBuilder b = TinyCnn();
  b.raw().operator_codes[1]->builtin_code = static_cast<Op>(-3);
  b.raw().operator_codes[1]->deprecated_builtin_code = -9;
  ExpectInvalid(b, "operator_codes[1].builtin_code is -3, codes start at 0");
}

TEST(OperatorCodeRules, AnUnknownCodeIsANameForTheKernelsToJudge) {
  ModelBuilder b = TinyCnn();
  b.raw().operator_codes[1]->builtin_code = static_cast<Op>(210);
  EXPECT_EQ(b.Model()->main().operators[1].op, "tflite.BUILTIN_210");
  EXPECT_TRUE(b.Model()->main().operators[1].options.empty());
}

TEST(OperatorCodeRules, TheLastKnownCodeHasItsName) {
  ModelBuilder b = TinyCnn();
  b.raw().operator_codes[1]->builtin_code = static_cast<Op>(209);
  EXPECT_EQ(b.Model()->main().operators[1].op, "tflite.STABLEHLO_CASE");
}

TEST(OperatorCodeRules, ACustomOperatorHasAName) {
  ModelBuilder b = testkit::TinyCustom();
  b.raw().operator_codes[0]->custom_code = "";
  ExpectInvalid(b, "operator_codes[0].custom_code is empty, a custom operator needs a name");
}

// ---- operators ----

TEST(OperatorRules, TensorIndicesMustExist) {
  ModelBuilder b = TinyCnn();
  b.op(0).inputs = {0, 10, 2};
  ExpectInvalid(b, "operators[0].inputs[1] is 10, there are 10 tensors");
  b.op(0).inputs = {0, -2, 2};
  ExpectInvalid(b, "operators[0].inputs[1] is -2, there are 10 tensors");
  b = TinyCnn();
  b.op(4).outputs = {2147483647};
  ExpectInvalid(b, "operators[4].outputs[0] is 2147483647, there are 10 tensors");
  b = TinyCnn();
  b.op(4).intermediates = {11};
  ExpectInvalid(b, "operators[4].intermediates[0] is 11, there are 10 tensors");
}

TEST(OperatorRules, OnlyOptionalInputsMayBeAbsent) {
  ModelBuilder b = TinyCnn();
  b.op(0).inputs = {0, 1, -1};
  ExpectAccepted(b);
  b.op(0).inputs = {0, -1, 2};
  ExpectInvalid(b, "operators[0] (CONV_2D).inputs[1] is -1 (absent), this operator needs it");
  b = TinyCnn();
  b.op(4).outputs = {-1};
  ExpectInvalid(b, "operators[4] (SOFTMAX).outputs[0] is -1 (absent), this operator needs it");
}

TEST(OperatorRules, OptionsBelongToTheOperator) {
  ModelBuilder b = TinyCnn();
  b.op(4).builtin_options.Set(testkit::Pool2DOptions(2, 2));
  ExpectInvalid(b, "operators[4] (SOFTMAX).builtin_options_type is Pool2DOptions, SOFTMAX has SoftmaxOptions");
  b = TinyCnn();
  b.op(4).builtin_options_2.Set(wire::DilateOptionsT());
  ExpectInvalid(b, "operators[4] (SOFTMAX).builtin_options_2_type is 18, SOFTMAX has no such options");
  b = TinyCnn();
  b.raw().operator_codes[4]->builtin_code = Op::RELU6;
  b.raw().operator_codes[4]->deprecated_builtin_code = 0;
  ExpectInvalid(b, "operators[4] (RELU6).builtin_options_type is SoftmaxOptions, RELU6 has no options");
}

TEST(OperatorRules, CustomOptionsAreHandedOverAsTheyAre) {
  const auto model = testkit::TinyCustom().Model();
  const OperatorInfo& op = model->main().operators[0];
  EXPECT_EQ(op.op, "custom.Accumulate");
  EXPECT_EQ(op.options, (std::vector<std::byte>{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}}));
}

TEST(OperatorRules, LargeCustomOptionsLieInTheFile) {
  ModelBuilder b = testkit::TinyCustom();
  b.op(0).custom_options.clear();
  b.op(0).large_custom_options_offset = 4;
  b.op(0).large_custom_options_size = 4;
  const auto model = b.Model();
  EXPECT_EQ(model->main().operators[0].options,
            (std::vector<std::byte>{std::byte{'T'}, std::byte{'F'}, std::byte{'L'}, std::byte{'3'}}));
  b.op(0).large_custom_options_size = std::numeric_limits<uint64_t>::max() - 2;
  ExpectInvalid(
      b, "subgraphs[0].operators[0].large_custom_options is 18446744073709551613 bytes at offset 4, the file has " +
             std::to_string(b.Build().size()) + " bytes");
}

// ---- option fields ----

// What is said when `change` is made to the options table of operator `index` of TinyCnn or TinyShapes.
template <typename Options>
void ExpectOptionRefused(ModelBuilder b, int index, const std::string& name, void (*change)(Options&),
                         const std::string& message) {
  change(*static_cast<Options*>(b.op(index).builtin_options.value));
  ExpectInvalid(b, "operators[" + std::to_string(index) + "] (" + name + ").builtin_options." + message);
}

TEST(OptionRules, ConvolutionFieldsHaveRanges) {
  using Options = wire::Conv2DOptionsT;
  const auto refused = [](void (*change)(Options&), const std::string& message) {
    ExpectOptionRefused<Options>(TinyCnn(), 0, "CONV_2D", change, message);
  };
  refused([](Options& o) { o.stride_h = 0; }, "stride_h is 0, it must be at least 1");
  refused([](Options& o) { o.stride_w = -1; }, "stride_w is -1, it must be at least 1");
  refused([](Options& o) { o.dilation_h_factor = 0; }, "dilation_h_factor is 0, it must be at least 1");
  refused([](Options& o) { o.dilation_w_factor = -7; }, "dilation_w_factor is -7, it must be at least 1");
  refused([](Options& o) { o.padding = static_cast<wire::Padding>(2); }, "padding is 2, known values are 0 to 1");
  refused([](Options& o) { o.padding = static_cast<wire::Padding>(-1); }, "padding is -1, known values are 0 to 1");
  refused([](Options& o) { o.fused_activation_function = static_cast<wire::ActivationFunctionType>(6); },
          "fused_activation_function is 6, known values are 0 to 5");
}

TEST(OptionRules, ConvolutionWithoutOptionsHasNoStride) {
  ModelBuilder b = TinyCnn();
  b.op(0).builtin_options.Reset();
  ExpectInvalid(b, "operators[0] (CONV_2D).builtin_options.stride_h is 0, it must be at least 1");
}

TEST(OptionRules, DepthwiseConvolutionFieldsHaveRanges) {
  const auto refused = [](void (*change)(wire::DepthwiseConv2DOptionsT&), const std::string& message) {
    ModelBuilder b;
    const int x = b.Input({.name = "x", .shape = {1, 4, 4, 1}, .scales = {1.0f}});
    const int w = b.Constant({.name = "w", .shape = {1, 1, 1, 1}, .scales = {1.0f}}, std::vector<int8_t>{1});
    const int y = b.Tensor({.name = "y", .shape = {1, 4, 4, 1}, .scales = {1.0f}});
    b.Operator(Op::DEPTHWISE_CONV_2D, {x, w, -1}, {y}, testkit::DepthwiseConv2DOptions());
    b.Output(y);
    ExpectAccepted(b);
    ExpectOptionRefused<wire::DepthwiseConv2DOptionsT>(std::move(b), 0, "DEPTHWISE_CONV_2D", change, message);
  };
  using Options = wire::DepthwiseConv2DOptionsT;
  refused([](Options& o) { o.stride_h = 0; }, "stride_h is 0, it must be at least 1");
  refused([](Options& o) { o.stride_w = 0; }, "stride_w is 0, it must be at least 1");
  refused([](Options& o) { o.dilation_h_factor = 0; }, "dilation_h_factor is 0, it must be at least 1");
  refused([](Options& o) { o.dilation_w_factor = 0; }, "dilation_w_factor is 0, it must be at least 1");
  refused([](Options& o) { o.depth_multiplier = -1; }, "depth_multiplier is -1, it must be at least 0");
}

TEST(OptionRules, PoolFieldsHaveRanges) {
  using Options = wire::Pool2DOptionsT;
  const auto refused = [](void (*change)(Options&), const std::string& message) {
    ExpectOptionRefused<Options>(TinyCnn(), 1, "MAX_POOL_2D", change, message);
  };
  refused([](Options& o) { o.stride_h = 0; }, "stride_h is 0, it must be at least 1");
  refused([](Options& o) { o.stride_w = 0; }, "stride_w is 0, it must be at least 1");
  refused([](Options& o) { o.filter_height = 0; }, "filter_height is 0, it must be at least 1");
  refused([](Options& o) { o.filter_width = -3; }, "filter_width is -3, it must be at least 1");
}

TEST(OptionRules, OtherFieldsHaveRanges) {
  ExpectOptionRefused<wire::FullyConnectedOptionsT>(
      TinyCnn(), 3, "FULLY_CONNECTED",
      [](wire::FullyConnectedOptionsT& o) { o.weights_format = static_cast<wire::WeightsFormat>(2); },
      "weights_format is 2, known values are 0 to 1");
  ExpectOptionRefused<wire::SoftmaxOptionsT>(
      TinyCnn(), 4, "SOFTMAX", [](wire::SoftmaxOptionsT& o) { o.beta = std::nanf(""); },
      "beta is nan, it must be finite");
  ExpectOptionRefused<wire::ShapeOptionsT>(
      testkit::TinyShapes(), 0, "SHAPE", [](wire::ShapeOptionsT& o) { o.out_type = wire::TensorType::INT8; },
      "out_type is 9, it must be 2 (int32) or 4 (int64)");
  ExpectOptionRefused<wire::PackOptionsT>(
      testkit::TinyShapes(), 2, "PACK", [](wire::PackOptionsT& o) { o.values_count = 0; },
      "values_count is 0, it must be at least 1");
  ExpectOptionRefused<wire::ReshapeOptionsT>(
      TinyCnn(), 2, "RESHAPE",
      [](wire::ReshapeOptionsT& o) {
        o.new_shape = {1, -8};
      },
      "new_shape is -8, it must be at least -1");
}

TEST(OptionRules, ANewShapeOfManyDimensionsIsUnsupported) {
  ModelBuilder b = TinyCnn();
  b.op(2).builtin_options.AsReshapeOptions()->new_shape.assign(9, 1);
  ExpectUnsupported(b, "operators[2] (RESHAPE).builtin_options.new_shape has 9 dimensions, at most 8 are supported");
}

TEST(OptionRules, AShapeWithoutATypeIsInt32) {
  ModelBuilder b = testkit::TinyShapes();
  b.op(0).builtin_options.Reset();
  glimpse_shape_options options{};
  const auto model = b.Model();
  std::memcpy(&options, model->main().operators[0].options.data(), sizeof(options));
  EXPECT_EQ(options.out_type, static_cast<glimpse_dtype>(GLIMPSE_INT32));
}

// ---- the graph ----

TEST(GraphRules, ATensorIsDefinedBeforeItIsUsed) {
  ModelBuilder b = TinyCnn();
  std::swap(b.graph().operators[0], b.graph().operators[1]);
  ExpectInvalid(
      b,
      "operators[0] (MAX_POOL_2D).inputs[0] is 3, and tensors[3] (conv) is no constant, variable or input, nor "
      "made by an earlier operator");
}

TEST(GraphRules, ATensorIsMadeOnce) {
  ModelBuilder b = TinyCnn();
  b.op(4).outputs = {4};
  ExpectInvalid(b, "operators[4] (SOFTMAX).outputs[0] is 4, and tensors[4] (pool) is made by operators[1] already");
}

TEST(GraphRules, NoOperatorWritesAConstant) {
  ModelBuilder b = TinyCnn();
  b.op(4).outputs = {7};
  ExpectInvalid(b, "operators[4] (SOFTMAX).outputs[0] is 7, and tensors[7] (dense/weights) is a constant");
}

TEST(GraphRules, NoOperatorWritesAGraphInput) {
  ModelBuilder b = TinyCnn();
  b.op(4).outputs = {0};
  ExpectInvalid(b, "operators[4] (SOFTMAX).outputs[0] is 0, and tensors[0] (image) is an input of the graph");
}

TEST(GraphRules, NoOperatorWritesWhatItReads) {
  ModelBuilder b = testkit::TinyCustom();
  b.op(0).outputs = {1};
  ExpectInvalid(
      b,
      "subgraphs[0].operators[0] (Accumulate).outputs[0] is 1, and tensors[1] (state) is an input of the same "
      "operator");
}

TEST(GraphRules, GraphInputsAndOutputsExist) {
  ModelBuilder b = TinyCnn();
  b.graph().inputs = {-1};
  ExpectInvalid(b, "inputs[0] is -1, there are 10 tensors");
  b = TinyCnn();
  b.graph().outputs = {10};
  ExpectInvalid(b, "outputs[0] is 10, there are 10 tensors");
}

TEST(GraphRules, AGraphInputIsNoConstantAndListedOnce) {
  ModelBuilder b = TinyCnn();
  b.graph().inputs = {0, 1};
  ExpectInvalid(b, "inputs[1] is 1, and tensors[1] (conv/filter) is a constant");
  b.graph().inputs = {0, 0};
  ExpectInvalid(b, "inputs[1] is 0, which is an input already");
}

TEST(GraphRules, AGraphOutputIsDefined) {
  ModelBuilder b = TinyCnn();
  b.Output(b.Tensor({.name = "loose", .shape = {1}}));
  ExpectInvalid(b, "outputs[1] is 10, and nothing produces tensors[10] (loose)");
  b.graph().outputs = {0, 1, 9};  // an input and a constant may be outputs
  ExpectAccepted(b);
}

TEST(GraphRules, ATensorWithoutElementsNeedsNoOrigin) {
  ModelBuilder b = TinyCnn();
  const int empty = b.Tensor({.name = "empty", .type = DType::kInt32, .shape = {0}});
  b.op(2).inputs = {4, empty};
  EXPECT_TRUE(b.Model()->main().tensors[static_cast<size_t>(empty)].is_constant);
  b.tensor(empty).shape = {1};
  ExpectInvalid(
      b,
      "operators[2] (RESHAPE).inputs[1] is 10, and tensors[10] (empty) is no constant, variable or input, nor made "
      "by an earlier operator");
}

}  // namespace
}  // namespace glimpse
