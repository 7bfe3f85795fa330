// SPDX-License-Identifier: Apache-2.0
// Pooling, element-wise operators, means, quantization and softmax with the kernels of each instruction set, and what
// such kernels leave to others. All tests of SimdOps are one program.
#include "tests/kernels/support/simd_ops.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace glimpse::testkit {
namespace {

TEST_P(SimdOps, PoolingForAllDepthsFiltersAndStrides) {
  Random random(9);
  for (const int32_t depth : {1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100}) {
    for (const glimpse_padding padding : {GLIMPSE_PADDING_SAME, GLIMPSE_PADDING_VALID}) {
      const int32_t height = random.Int(1, 6);
      const int32_t width = random.Int(1, 6);
      const OpTensor input = Int8({2, height + 3, width + 4, depth}, 0.05F, 3,
                                  random.Bytes(int64_t{2} * (height + 3) * (width + 4) * depth));
      const glimpse_pool_2d_options options{
          0, padding, random.Int(1, 3), random.Int(1, 3), width, height, kActivations[random.Int(0, 2)]};
      const std::string what = std::to_string(depth) + " " + std::to_string(height) + "x" + std::to_string(width);
      ExpectReferenceValues("tflite.MAX_POOL_2D", GetParam().make_max_pool, {input}, Int8({1, 1, 1, 1}, 0.05F, 3),
                            options, what);
      ExpectReferenceValues("tflite.AVERAGE_POOL_2D", GetParam().make_average_pool, {input},
                            Int8({1, 1, 1, 1}, 0.05F, 3), options, what);
    }
  }
}

// More bytes than have a sum of 16 bits, in rows that follow one another and in rows that do not, at their ends.
TEST_P(SimdOps, AveragesOfManyPixels) {
  Random random(26);
  for (const int32_t depth : {5, 16, 40}) {
    for (const auto& [size, filter] : {std::tuple{20, 20}, {33, 32}, {40, 17}, {300, 2}}) {
      const int32_t width = size == 300 ? 300 : size;
      const int32_t height = size == 300 ? 3 : size;
      for (const int8_t extreme : {int8_t{-128}, int8_t{127}, int8_t{0}}) {
        std::vector<int8_t> bytes(static_cast<size_t>(height * width * depth), extreme);
        if (extreme == 0) bytes = random.Bytes(int64_t{height} * width * depth);
        const int32_t across = size == 300 ? 290 : filter;
        const glimpse_pool_2d_options options{0, GLIMPSE_PADDING_VALID, 1, 3, filter, across, GLIMPSE_ACT_NONE};
        ExpectReferenceValues("tflite.AVERAGE_POOL_2D", GetParam().make_average_pool,
                              {Int8({1, height, width, depth}, 0.05F, 3, bytes)}, Int8({1, 1, 1, 1}, 0.05F, 3), options,
                              std::to_string(size));
      }
    }
  }
}

// All pairs of values, for scales that have a linear function and for such that lie on ties.
TEST_P(SimdOps, SumsOfAllPairsOfValues) {
  std::vector<int8_t> first;
  std::vector<int8_t> second;
  for (int32_t a = -128; a < 128; ++a) {
    for (int32_t b = -128; b < 128; ++b) {
      first.push_back(static_cast<int8_t>(a));
      second.push_back(static_cast<int8_t>(b));
    }
  }
  Random random(10);
  for (int i = 0; i < 24; ++i) {
    const bool ties = i % 4 == 0;
    const auto scale = [&] {
      return static_cast<float>(ties ? std::exp2(random.Int(-6, -3)) : random.Real(0.002, 0.1));
    };
    const OpTensor a = Int8({256, 256}, scale(), random.ZeroPoint(), first);
    const OpTensor b = Int8({256, 256}, scale(), random.ZeroPoint(), second);
    const OpTensor out = Int8({256, 256}, scale(), random.ZeroPoint());
    const glimpse_elementwise_options options{0, kActivations[random.Int(0, 2)], 0};
    ExpectReferenceValues("tflite.ADD", GetParam().make_add, {a, b}, out, options, std::to_string(i));
    ExpectReferenceValues("tflite.SUB", GetParam().make_sub, {a, b}, out, options, std::to_string(i));
  }
}

TEST_P(SimdOps, SumsOfAllLengthsAroundTheVectors) {
  Random random(11);
  for (int32_t count = 1; count <= 130; ++count) {
    const OpTensor a = Int8({count}, 0.03F, 5, random.Bytes(count));
    const OpTensor b = Int8({count}, count % 2 != 0 ? 0.03F : 0.017F, -9, random.Bytes(count));
    const glimpse_elementwise_options options{0, GLIMPSE_ACT_NONE, 0};
    ExpectReferenceValues("tflite.ADD", GetParam().make_add, {a, b}, Int8({count}, 0.06F, 1), options,
                          std::to_string(count));
  }
}

TEST_P(SimdOps, ProductsOfAllPairsOfValuesAndWithOneRowForAll) {
  if (GetParam().make_mul == nullptr) GTEST_SKIP() << "no MUL of its own";
  std::vector<int8_t> first;
  std::vector<int8_t> second;
  for (int32_t i = 0; i < 65536; ++i) {
    first.push_back(static_cast<int8_t>(i >> 8));
    second.push_back(static_cast<int8_t>(i));
  }
  Random random(15);
  const glimpse_elementwise_options options{0, kActivations[random.Int(0, 2)], 0};
  for (int i = 0; i < 12; ++i) {
    const auto scale = [&] { return static_cast<float>(random.Real(0.002, 0.9)); };
    ExpectReferenceValues(
        "tflite.MUL", GetParam().make_mul,
        {Int8({65536}, scale(), random.ZeroPoint(), first), Int8({65536}, scale(), random.ZeroPoint(), second)},
        Int8({65536}, scale(), random.ZeroPoint()), options, std::to_string(i));
  }
  for (int32_t depth = 1; depth <= 40; ++depth) {
    const OpTensor whole = Int8({2, 3, depth}, 0.1F, random.ZeroPoint(), random.Bytes(6 * depth));
    const OpTensor row = Int8({1, 1, depth}, 0.2F, random.ZeroPoint(), random.Bytes(depth));
    const OpTensor out = Int8({2, 3, depth}, 0.3F, random.ZeroPoint());
    ExpectReferenceValues("tflite.MUL", GetParam().make_mul, {whole, row}, out, options, std::to_string(depth));
    ExpectReferenceValues("tflite.MUL", GetParam().make_mul, {row, whole}, out, options, std::to_string(depth));
  }
}

TEST_P(SimdOps, MeansOverNeighbouringDimensions) {
  if (GetParam().make_mean == nullptr) GTEST_SKIP() << "no MEAN of its own";
  Random random(16);
  for (int32_t depth = 2; depth <= 40; ++depth) {
    const int32_t height = random.Int(2, 9);
    const int32_t width = random.Int(2, 9);
    const OpTensor input =
        Int8({2, height, width, depth}, 0.05F, random.ZeroPoint(), random.Bytes(int64_t{2} * height * width * depth));
    for (const std::vector<int32_t>& axes : {std::vector<int32_t>{1, 2}, {1}, {2}, {0, 1, 2}}) {
      OpTensor axis = Const32({static_cast<int32_t>(axes.size())}, axes);
      ExpectReferenceValues("tflite.MEAN", GetParam().make_mean, {input, axis},
                            Int8({1}, static_cast<float>(random.Real(0.01, 0.2)), random.ZeroPoint()),
                            glimpse_reducer_options{0, random.Int(0, 1) != 0}, std::to_string(depth));
    }
  }
}

TEST_P(SimdOps, QuantizationOfFloatsAtTiesAndBeyondTheRange) {
  if (GetParam().make_quantize == nullptr) GTEST_SKIP() << "no QUANTIZE of its own";
  Random random(17);
  for (const float scale : {0.5F, 1.0F, 0.0173F, 3e-5F, 1e20F}) {
    std::vector<float> values{0.0F, -0.0F, 3e38F, -3e38F, std::nanf(""), HUGE_VALF, -HUGE_VALF, 1e-40F};
    for (int32_t steps = -300; steps <= 300; ++steps) {
      const float tie = (static_cast<float>(steps) + 0.5F) * scale;
      values.insert(values.end(), {tie, std::nextafter(tie, 0.0F), std::nextafter(tie, tie * 2),
                                   static_cast<float>(random.Real(-200, 200)) * scale});
    }
    OpTensor input;
    input.dtype = GLIMPSE_FLOAT32;
    input.scales = {};
    input.zero_points = {};
    for (const size_t dropped : {0, 1, 5}) {
      values.resize(values.size() - dropped);
      input.dims = {static_cast<int32_t>(values.size())};
      input.Content(values);
      ExpectReferenceValues("tflite.QUANTIZE", GetParam().make_quantize, {input}, Int8({1}, scale, random.ZeroPoint()),
                            glimpse_reducer_options{0, 0}, std::to_string(scale));
    }
  }
}

TEST_P(SimdOps, SoftmaxOfRowsOfAllLengths) {
  if (GetParam().make_softmax == nullptr) GTEST_SKIP() << "no SOFTMAX of its own";
  Random random(18);
  for (int32_t depth = 1; depth <= 300; depth += depth < 20 ? 1 : 37) {
    for (const float scale : {0.001F, 0.06F, 0.4F, 3.0F}) {
      ExpectReferenceValues("tflite.SOFTMAX", GetParam().make_softmax,
                            {Int8({3, depth}, scale, random.ZeroPoint(), random.Bytes(3 * depth))},
                            Int8({3, depth}, 1.0F / 256, -128), glimpse_softmax_options{0, 1.0F},
                            std::to_string(depth));
    }
  }
}

TEST_P(SimdOps, WhatIsNotServedIsLeftToAnotherKernel) {
  Random random(12);
  least_ = 0;
  OpRunner conv("tflite.CONV_2D", "litert-reference", GetParam().make_conv);
  const glimpse_conv_2d_options options{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
  conv.output = Int8({1, 1, 1, 2}, 1, 0);
  conv.SetOptions(options);
  conv.inputs = {Int8({1, 1, 1, 4}, 1, 0, {1, 2, 3, 4}), Weights({2, 1, 1, 2}, 0, false, 0.1, random)};
  EXPECT_EQ(conv.Prepare(), GLIMPSE_UNSUPPORTED) << "groups";
  conv.inputs = {Int8({1, 1, 1, 2}, 1, 0, {1, 2}), Weights({2, 1, 1, 2}, 0, false, 0.1, random)};
  conv.inputs[1].constant = false;
  EXPECT_EQ(conv.Prepare(), GLIMPSE_UNSUPPORTED) << "computed weights";
  conv.inputs[1].constant = true;
  EXPECT_EQ(conv.Prepare(), GLIMPSE_OK);

  OpRunner depthwise("tflite.DEPTHWISE_CONV_2D", "litert-reference", GetParam().make_depthwise);
  const glimpse_depthwise_conv_2d_options dw{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, 2, GLIMPSE_ACT_NONE};
  depthwise.output = Int8({1, 1, 1, 4}, 1, 0);
  depthwise.SetOptions(dw);
  depthwise.inputs = {Int8({1, 1, 1, 2}, 1, 0, {1, 2}), Weights({1, 1, 1, 4}, 3, false, 0.1, random)};
  EXPECT_EQ(depthwise.Prepare(), GLIMPSE_UNSUPPORTED) << "a depth multiplier";

  OpRunner add("tflite.ADD", "litert-reference", GetParam().make_add);
  add.SetOptions(glimpse_elementwise_options{0, GLIMPSE_ACT_NONE, 0});
  add.inputs = {Int8({2}, 0.5F, 0, {1, 2}), Int8({1}, 0.5F, 0, {1})};
  add.output = Int8({2}, 0.9F, 0);
  EXPECT_EQ(add.Prepare(), GLIMPSE_UNSUPPORTED) << "repetition";
}

INSTANTIATE_TEST_SUITE_P(All, SimdOps, testing::ValuesIn(InstructionSets()), InstructionSetName);

}  // namespace
}  // namespace glimpse::testkit
