// SPDX-License-Identifier: Apache-2.0
// docs/examples/one_conv.cc, compiled with what `glimpse export` wrote, computes the layer as the kernels do.
#include <gtest/gtest.h>

#include <fstream>

#include "base/strings.h"
#include "tests/cli/program.h"
#include "tests/support/model_builder.h"

namespace glimpse::cli {
namespace {

using testkit::ModelBuilder;
using Op = wire::BuiltinOperator;

// Exports operator `op`, compiles the example against the header, runs it on that operator's input in a dump of the
// whole model, and compares with the dump of its output tensor.
void ExampleEqualsLayer(const std::string& model, int op, int input_tensor, int output_tensor,
                        const std::string& input) {
  const Folder folder;
  const Ended exported = Glimpse({"export", model, "--op", StrCat(op), "--output", folder / "layer"});
  ASSERT_EQ(exported.status, 0) << exported.err;
  const Ended run = Glimpse({"run", model, "--input", input, "--output", folder / "run", "--dump"});
  ASSERT_EQ(run.status, 0) << run.err;
  const Ended compiled =
      RunProgram(GLIMPSE_CXX, {"-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-I", folder / "layer",
                               GLIMPSE_SOURCE_DIR "/docs/examples/one_conv.cc", "-o", folder / "one_conv"});
  ASSERT_EQ(compiled.status, 0) << compiled.err;
  const std::string layer_input = input_tensor < 0 ? input : folder / StrCat("run/tensor_", input_tensor, ".npy");
  const Ended example = RunProgram(folder / "one_conv", {layer_input});
  ASSERT_EQ(example.status, 0) << example.err;
  const std::vector<int8_t> ours = ReadInt8Npy(folder / StrCat("run/tensor_", output_tensor, ".npy"));
  ASSERT_EQ(example.out.size(), ours.size());
  size_t differing = 0;
  size_t unlike_first = 0;
  for (size_t i = 0; i < ours.size(); ++i) {
    differing += static_cast<int8_t>(example.out[i]) != ours[i];
    unlike_first += ours[i] != ours[0];
  }
  EXPECT_EQ(differing, 0u);
  EXPECT_GT(unlike_first, ours.size() / 20) << "a constant layer proves nothing";
}

TEST(OneConv, EqualsEachConvolutionOfTheDigitsModel) {
  const Folder folder;
  const std::string input = folder / "input.npy";
  WriteInt8Npy(input, {1, 28, 28, 1}, RandomInt8(784, 1));
  ExampleEqualsLayer(DigitsModel(), 0, -1, 12, input);
  ExampleEqualsLayer(DigitsModel(), 2, 13, 14, input);
  ExampleEqualsLayer(DigitsModel(), 4, 15, 16, input);
}

TEST(OneConv, EqualsAConvolutionWithPaddingStridesDilationAndAScaleAboveOne) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 9, 7, 3}, .scales = {0.5f}, .zero_points = {-7}});
  std::vector<int8_t> weights = RandomInt8(4 * 3 * 2 * 3, 2);
  for (int8_t& weight : weights) weight = weight == -128 ? int8_t{1} : weight;
  const int w = b.Constant({.name = "w", .shape = {4, 3, 2, 3}, .scales = {0.02f, 0.0001f, 3.0f, 0.013f}}, weights);
  const int bias =
      b.Constant({.name = "b", .type = DType::kInt32, .shape = {4}, .scales = {0.01f, 0.00005f, 1.5f, 0.0065f}},
                 std::vector<int32_t>{1000, -70000, 3, -1});
  const int y = b.Tensor({.name = "y", .shape = {1, 9, 7, 4}, .scales = {1.1f}, .zero_points = {5}});
  auto options = testkit::Conv2DOptions(1, wire::Padding::SAME);
  options.dilation_h_factor = 2;
  options.dilation_w_factor = 3;
  b.Operator(Op::CONV_2D, {x, w, bias}, {y}, options);
  b.Output(y);
  const Folder folder;
  WriteBytes(folder / "dilated.tflite", b.Build());
  WriteInt8Npy(folder / "x.npy", {1, 9, 7, 3}, RandomInt8(9 * 7 * 3, 3));
  ExampleEqualsLayer(folder / "dilated.tflite", 0, -1, y, folder / "x.npy");

  b.op(0).builtin_options.AsConv2DOptions()->dilation_h_factor = 1;
  b.op(0).builtin_options.AsConv2DOptions()->dilation_w_factor = 1;
  b.op(0).builtin_options.AsConv2DOptions()->stride_h = 2;
  b.op(0).builtin_options.AsConv2DOptions()->stride_w = 3;
  b.tensor(y).shape = {1, 5, 3, 4};
  WriteBytes(folder / "strided.tflite", b.Build());
  ExampleEqualsLayer(folder / "strided.tflite", 0, -1, y, folder / "x.npy");
}

TEST(OneConv, IsAboutEightyLinesWithoutDependencies) {
  std::ifstream file(GLIMPSE_SOURCE_DIR "/docs/examples/one_conv.cc");
  int lines = 0;
  for (std::string line; std::getline(file, line);) {
    ++lines;
    const bool project_header = line.starts_with("#include \"") && line != "#include \"layer.h\"";
    EXPECT_FALSE(project_header) << line;
  }
  EXPECT_GT(lines, 40);
  EXPECT_LE(lines, 90);
}

}  // namespace
}  // namespace glimpse::cli
