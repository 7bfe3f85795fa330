// SPDX-License-Identifier: Apache-2.0
// QUANTIZE, DEQUANTIZE, CAST, RANK, ZEROS_LIKE through the plugin's C ABI: hand-worked examples, then refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/cast/cast.h"
#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<int8_t>;
using Words = std::vector<int16_t>;
using Floats = std::vector<float>;

template <typename T>
OpTensor Plain(glimpse_dtype dtype, const std::vector<T>& content) {
  OpTensor tensor;
  tensor.dtype = dtype;
  tensor.dims = {static_cast<int32_t>(content.size())};
  tensor.scales = {};
  tensor.zero_points = {};
  tensor.Content(content);
  return tensor;
}

template <typename T>
OpTensor Scaled(glimpse_dtype dtype, float scale, int64_t zero_point, const std::vector<T>& content) {
  OpTensor tensor = Plain(dtype, content);
  tensor.scales = {scale};
  tensor.zero_points = {zero_point};
  return tensor;
}

TEST(Quantize, BreaksTiesToEvenInXnnpackAndSaturatesThere) {
  for (const auto& [numerics, expected] :
       {std::pair{"litert-reference", Bytes{1, 2, 3, -128}}, std::pair{"litert-xnnpack", Bytes{0, 2, 2, 127}}}) {
    OpRunner op("tflite.QUANTIZE", numerics);
    op.inputs = {Plain<float>(GLIMPSE_FLOAT32, {0.5F, 1.5F, 2.5F, 1e20F})};
    op.output = Int8({4}, 1, 0);
    EXPECT_EQ(op.Run(), expected) << numerics;
  }
}

TEST(Quantize, RequantisesBetweenWidths) {
  OpRunner op("tflite.QUANTIZE");
  op.inputs = {Scaled<int16_t>(GLIMPSE_INT16, 0.5F, 0, {300, -3, 32767})};
  op.output = Int8({}, 1, -1);
  EXPECT_EQ(op.Run(), (Bytes{127, -2, 127}));  // 150 - 1; -1.5 goes to -1 in the multiplication, - 1
  op.output = Scaled<int32_t>(GLIMPSE_INT32, 0.25F, 0, {});
  EXPECT_EQ(op.Run<int32_t>(), (std::vector<int32_t>{600, -6, 65534}));
}

TEST(Quantize, OfBytesHasAFactorOfEightBitsInXnnpack) {
  // 0.3 counts as 77 / 256: 100 * 0.30078 = 30.08, 118 * 0.30078 = 35.49, 115 * 0.30078 = 34.59 (34.5 by the
  // reference).
  OpRunner op("tflite.QUANTIZE", "litert-xnnpack");
  op.inputs = {Int8({3}, 0.3F, 0, {100, 118, 115})};
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{30, 35, 35}));
}

TEST(Dequantize, OfHalfPrecisionIsExact) {
  OpRunner op("tflite.DEQUANTIZE");
  op.inputs = {Plain<uint16_t>(GLIMPSE_FLOAT16, {0x3c00, 0xc000, 0x0001, 0x7c00})};
  op.output = Plain<float>(GLIMPSE_FLOAT32, {});
  EXPECT_EQ(op.Run<float>(), (Floats{1, -2, 0x1p-24F, std::numeric_limits<float>::infinity()}));
}

TEST(Dequantize, OfInt4TakesTheLowNibbleFirst) {
  OpRunner op("tflite.DEQUANTIZE");
  op.inputs = {Scaled<uint8_t>(GLIMPSE_INT4, 0.5F, 0, {0x7f, 0x08})};
  op.inputs[0].dims = {3};
  op.output = Plain<float>(GLIMPSE_FLOAT32, {});
  EXPECT_EQ(op.Run<float>(), (Floats{-0.5F, 3.5F, -4}));
}

TEST(Half, RoundsToEvenAndOverflowsToInfinity) {
  using kernels::HalfFromFloat;
  EXPECT_EQ(HalfFromFloat(1).bits, 0x3c00);
  EXPECT_EQ(HalfFromFloat(1 + 0x1p-11F).bits, 0x3c00);      // halfway to 1 + 2^-10
  EXPECT_EQ(HalfFromFloat(1 + 3 * 0x1p-11F).bits, 0x3c02);  // halfway between 1 and 2 steps
  EXPECT_EQ(HalfFromFloat(65519).bits, 0x7bff);
  EXPECT_EQ(HalfFromFloat(-65520).bits, 0xfc00);
  EXPECT_EQ(HalfFromFloat(0x1p-25F).bits, 0);
  EXPECT_EQ(HalfFromFloat(0x1.8p-24F).bits, 2);
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const kernels::Half half{static_cast<uint16_t>(bits)};
    ASSERT_EQ(HalfFromFloat(kernels::FloatFromHalf(half)).bits, bits);
  }
}

TEST(Cast, OfFloatTruncatesAndSaturates) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [numerics, of_nan] : {std::pair{"litert-reference", 127}, std::pair{"tflite-micro", 0}}) {
    OpRunner op("tflite.CAST", numerics);
    op.inputs = {Plain<float>(GLIMPSE_FLOAT32, {1.9F, -1.9F, 300, -1e30F, nan})};
    op.output = Plain<int8_t>(GLIMPSE_INT8, {});
    EXPECT_EQ(op.Run(), (Bytes{1, -1, 127, -128, static_cast<int8_t>(of_nan)})) << numerics;
  }
}

TEST(Cast, OfIntegersKeepsTheLowBits) {
  OpRunner op("tflite.CAST");
  op.inputs = {Plain<int32_t>(GLIMPSE_INT32, {257, -1, 0})};
  op.output = Plain<int8_t>(GLIMPSE_INT8, {});
  EXPECT_EQ(op.Run(), (Bytes{1, -1, 0}));
  op.output = Plain<uint8_t>(GLIMPSE_BOOL, {});
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{1, 1, 0}));
}

// Found by fuzzing: nothing keeps a file or a caller from other bytes than 0 and 1.
TEST(Cast, OfBoolTakesEveryByteButZeroForTrue) {
  OpRunner op("tflite.CAST");
  op.inputs = {Plain<uint8_t>(GLIMPSE_BOOL, {0, 1, 11, 255})};
  op.output = Plain<int8_t>(GLIMPSE_INT8, {});
  EXPECT_EQ(op.Run(), (Bytes{0, 1, 1, 1}));
}

TEST(Rank, IsTheNumberOfDimensions) {
  OpRunner op("tflite.RANK");
  op.inputs = {Int8({1, 2, 1}, 1, 0, {1, 2})};
  op.output = Plain<int32_t>(GLIMPSE_INT32, {});
  EXPECT_EQ(op.Run<int32_t>(), (std::vector<int32_t>{3}));
  EXPECT_TRUE(op.shape().empty());
}

TEST(ConvertRejections, OfPairsThatTheRuntimeLacks) {
  OpRunner op("tflite.QUANTIZE");
  op.inputs = {Int8({1}, 1, 0, {1})};
  op.output = Scaled<int32_t>(GLIMPSE_INT32, 1, 0, {});
  EXPECT_EQ(op.Prepare(), GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(op.message(), HasSubstr("int8 to int32"));
  OpRunner cast("tflite.CAST", "tflite-micro");
  cast.inputs = {Plain<int64_t>(GLIMPSE_INT64, {1})};
  cast.output = Plain<float>(GLIMPSE_FLOAT32, {});
  EXPECT_EQ(cast.Prepare(), GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(cast.message(), HasSubstr("int64 to float32"));
}

TEST(ConvertRejections, OfAZeroPointOutsideOfTheType) {
  OpRunner op("tflite.DEQUANTIZE");
  op.inputs = {Scaled<uint8_t>(GLIMPSE_UINT8, 1, 256, {1})};
  op.output = Plain<float>(GLIMPSE_FLOAT32, {});
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("256"));
}

}  // namespace
}  // namespace glimpse::testkit
