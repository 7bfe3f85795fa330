// SPDX-License-Identifier: Apache-2.0
// Operators of one tensor through the plugin's C ABI: hand-worked examples, then refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<int8_t>;
using Words = std::vector<int16_t>;
using Floats = std::vector<float>;

template <typename T>
OpTensor Of(glimpse_dtype dtype, float scale, int64_t zero_point, const std::vector<T>& content) {
  OpTensor tensor;
  tensor.dtype = dtype;
  tensor.dims = {static_cast<int32_t>(content.size())};
  if (scale > 0) {
    tensor.scales = {scale};
    tensor.zero_points = {zero_point};
  } else {
    tensor.scales = {};
    tensor.zero_points = {};
  }
  tensor.Content(content);
  return tensor;
}

OpTensor Int16(float scale, const Words& content) { return Of(GLIMPSE_INT16, scale, 0, content); }
OpTensor UInt8(float scale, int64_t zero_point, const std::vector<uint8_t>& content) {
  return Of(GLIMPSE_UINT8, scale, zero_point, content);
}
OpTensor Float(const Floats& content) { return Of(GLIMPSE_FLOAT32, 0, 0, content); }

void ExpectRefused(OpRunner& op, glimpse_status status, const char* words) {
  EXPECT_EQ(op.Prepare(), status) << op.message();
  EXPECT_THAT(op.message(), HasSubstr(words));
}

TEST(Relu, OfInt16RescalesAndCutsAtZero) {
  OpRunner op("tflite.RELU");
  op.inputs = {Int16(1, {-32768, -1, 0, 5, 32767})};
  op.output = Int16(2, {});
  EXPECT_EQ(op.Run<int16_t>(), (Words{0, 0, 0, 3, 16384}));  // 5 / 2 and 32767 / 2 are ties, away from zero
}

TEST(ReluN1To1, CutsAtOneOnBothSides) {
  OpRunner op("tflite.RELU_N1_TO_1");
  op.inputs = {UInt8(0.25F, 128, {0, 127, 128, 255})};
  op.output = UInt8(0.25F, 100, {});
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{96, 99, 100, 104}));
}

TEST(LeakyRelu, IsCoarserInXnnpack) {
  // By 0.3 in two roundings: -30.3 by way of -60.6 to -61 / 2, away to -31; -35.4 likewise to -36; -37.5 to -38.
  // By 77 / 256 rounded half up: -30.38, -35.49, -37.60.
  for (const auto& [numerics, expected] :
       {std::pair{"litert-reference", Bytes{-31, -36, -38}}, std::pair{"litert-xnnpack", Bytes{-30, -35, -38}}}) {
    OpRunner op("tflite.LEAKY_RELU", numerics);
    op.inputs = {Int8({3}, 1, 0, {-101, -118, -125})};
    op.output = Int8({}, 1, 0);
    op.SetOptions(glimpse_leaky_relu_options{0, 0.3F});
    EXPECT_EQ(op.Run(), expected) << numerics;
  }
}

TEST(Prelu, HasASlopeForEachChannel) {
  OpRunner op("tflite.PRELU");
  op.inputs = {Int8({2, 2}, 1, 0, {-8, -8, 4, 4}), Int8({2}, 0.25F, 0, {1, 2})};
  op.inputs[1].constant = true;
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{-2, -4, 4, 4}));
}

TEST(Logistic, OfInt16IsSymmetric) {
  for (const char* numerics : {"litert-reference", "tflite-micro", "litert-xnnpack"}) {
    OpRunner op("tflite.LOGISTIC", numerics);
    op.inputs = {Int16(0x1p-12F, {0, 32767, -32768})};
    op.output = Int16(0x1p-15F, {});
    const Words values = op.Run<int16_t>();
    EXPECT_EQ(values[0], 16384) << numerics;
    EXPECT_NEAR(values[1] + values[2], 32768, 2) << numerics;
  }
}

TEST(Tanh, OfInt8IsOdd) {
  for (const char* numerics : {"litert-reference", "tflite-micro", "litert-xnnpack"}) {
    OpRunner op("tflite.TANH", numerics);
    op.inputs = {Int8({5}, 0.25F, 0, {0, 4, -4, 127, -128})};
    op.output = Int8({}, 1.0F / 128, 0);
    EXPECT_EQ(op.Run(), (Bytes{0, 97, -97, 127, -128})) << numerics;  // tanh(1) * 128 = 97.48
  }
}

TEST(Elu, BreaksTiesToEvenInXnnpackAlone) {
  // 1 / 2 is a tie: 0.5 to 1 or 0; 3 / 2 to 2 both ways.
  for (const auto& [numerics, expected] :
       {std::pair{"tflite-micro", Bytes{1, 2}}, std::pair{"litert-xnnpack", Bytes{0, 2}}}) {
    OpRunner op("tflite.ELU", numerics);
    op.inputs = {Int8({2}, 1, 0, {1, 3})};
    op.output = Int8({}, 2, 0);
    EXPECT_EQ(op.Run(), expected) << numerics;
  }
}

TEST(HardSwish, IsTheIdentityAboveThreeAndZeroBelowMinusThree) {
  OpRunner op("tflite.HARD_SWISH");
  op.inputs = {Int8({4}, 0.0625F, 0, {-64, 0, 64, 127})};
  op.output = Int8({}, 0.0625F, 0);
  EXPECT_EQ(op.Run(), (Bytes{0, 0, 64, 127}));
}

TEST(Softmax, OfInt16SharesOneEqually) {
  OpRunner op("tflite.SOFTMAX");
  op.inputs = {Int16(0.001F, {7, 7, 7, 7})};
  op.output = Int16(0x1p-15F, {});
  op.SetOptions(glimpse_softmax_options{0, 1});
  EXPECT_EQ(op.Run<int16_t>(), Words(4, 8192));
}

TEST(Softmax, OfUint8AndFloat) {
  OpRunner op("tflite.SOFTMAX");
  op.inputs = {UInt8(0.1F, 3, {5, 5})};
  op.output = UInt8(1.0F / 256, 0, {});
  op.SetOptions(glimpse_softmax_options{0, 1});
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{128, 128}));
  op.inputs = {Float({2, 2})};
  op.output = Float({});
  EXPECT_EQ(op.Run<float>(), (Floats{0.5F, 0.5F}));
}

TEST(LogSoftmax, OfEqualValuesIsMinusTheLogarithmOfTheirNumber) {
  OpRunner op("tflite.LOG_SOFTMAX");
  op.inputs = {Int8({4}, 0.5F, 0, {9, 9, 9, 9})};
  op.output = Int8({}, 0.0625F, 127);
  EXPECT_EQ(op.Run(), Bytes(4, 105));  // log(4) * 16 = 22.18
}

TEST(L2Normalization, GivesAUnitVector) {
  OpRunner op("tflite.L2_NORMALIZATION");
  op.inputs = {Int8({2}, 0.3F, 1, {4, 5})};
  op.output = Int8({}, 1.0F / 128, 0);
  op.SetOptions(glimpse_l2_normalization_options{});
  EXPECT_EQ(op.Run(), (Bytes{77, 102}));  // 3/5 and 4/5 of 128: 76.8, 102.4
}

TEST(Abs, OfAQuantizedNumberIsTakenFromItsZeroPoint) {
  OpRunner op("tflite.ABS");
  op.inputs = {Int8({3}, 1, 10, {-128, 10, 20})};
  op.output = Int8({}, 2, -128);
  EXPECT_EQ(op.Run(), (Bytes{-59, -128, -123}));  // 138 / 2, 0, 10 / 2
}

TEST(Neg, OfTheLeastIntegerWraps) {
  OpRunner op("tflite.NEG");
  op.inputs = {Int8({3}, 1, 7, {-128, 1, 0})};
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{-128, -1, 0}));  // scales play no part
}

TEST(Sqrt, TruncatesAndRefusesNegativeNumbersWhenInvoked) {
  OpRunner op("tflite.SQRT");
  op.inputs = {Int8({3}, 1, -128, {-128, -112, -111})};  // 0, 16, 17
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{0, 4, 4}));
}

TEST(Round, BreaksTiesToEvenAndMicroHasNoNegativeZero) {
  for (const char* numerics : {"litert-xnnpack", "tflite-micro"}) {
    OpRunner op("tflite.ROUND", numerics);
    op.inputs = {Float({0.5F, 1.5F, 2.5F, -0.5F})};
    op.output = Float({});
    const Floats values = op.Run<float>();
    EXPECT_EQ(values, (Floats{0, 2, 2, 0})) << numerics;
    EXPECT_EQ(std::signbit(values[3]), std::string(numerics) == "litert-xnnpack");
  }
}

TEST(UnaryRejections, OfTypesThatTheRuntimeLacks) {
  OpRunner relu("tflite.RELU", "tflite-micro");
  relu.inputs = {UInt8(1, 0, {1})};
  relu.output = UInt8(1, 0, {});
  ExpectRefused(relu, GLIMPSE_UNSUPPORTED, "uint8");
  OpRunner gelu("tflite.GELU", "tflite-micro");
  gelu.inputs = {Float({1})};
  gelu.output = Float({});
  ExpectRefused(gelu, GLIMPSE_UNSUPPORTED, "GELU");
}

TEST(UnaryRejections, OfQuantizationThatTheOperatorDoesNotHave) {
  OpRunner relu("tflite.RELU");
  relu.inputs = {Of<int16_t>(GLIMPSE_INT16, 1, 3, {1})};
  relu.output = Int16(1, {});
  ExpectRefused(relu, GLIMPSE_INVALID_NODE, "int16 must have 0");
  relu.inputs[0].scales = {};
  ExpectRefused(relu, GLIMPSE_INVALID_NODE, "without scale");
  relu.inputs[0].scales = {std::numeric_limits<float>::infinity()};
  ExpectRefused(relu, GLIMPSE_INVALID_NODE, "positive");
  OpRunner tanh("tflite.TANH");
  tanh.inputs = {Int16(0.1F, {1})};
  tanh.output = Int16(0.1F, {});
  ExpectRefused(tanh, GLIMPSE_INVALID_NODE, "2^-15");
  OpRunner log_softmax("tflite.LOG_SOFTMAX");
  log_softmax.inputs = {Int8({1}, 1, 0, {1})};
  log_softmax.output = Int8({}, 1, 0);
  ExpectRefused(log_softmax, GLIMPSE_INVALID_NODE, "16/256");
}

TEST(UnaryRejections, OfAnAlphaThatDoesNotBroadcast) {
  OpRunner op("tflite.PRELU");
  op.inputs = {Int8({2, 3}, 1, 0, Bytes(6, 1)), Int8({2}, 1, 0, {1, 1})};
  op.output = Int8({}, 1, 0);
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "broadcast");
  op.inputs[1] = Int8({1, 2, 3}, 1, 0, Bytes(6, 1));
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "rank");
}

// Found by fuzzing: the reciprocal of such a scale is infinite, and 0 times that NaN.
TEST(Tanh, WithASubnormalOutputScaleIsWhatLitertMakesOfIt) {
  OpRunner op("tflite.TANH");
  op.inputs = {Int8({2}, 0.0078125F, 127, {127, 0})};
  op.output = Int8({2}, 1e-39F, -128);
  EXPECT_EQ(op.Run(), (std::vector<int8_t>{0, -128}));
  OpRunner delegated("tflite.TANH", "litert-xnnpack");
  delegated.inputs = op.inputs;
  delegated.output = op.output;
  EXPECT_EQ(delegated.Prepare(), GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(delegated.message(), testing::HasSubstr("below 2^-126"));
}

TEST(Exp, BeyondTheRangeIsTheLargestValue) {
  OpRunner op("tflite.EXP");
  op.inputs = {Int8({3}, 1, -128, {127, 0, -128})};  // exp(255) is infinite, exp(128) far beyond int32
  op.output = Int8({3}, 4, 0);
  EXPECT_EQ(op.Run(), (std::vector<int8_t>{127, 127, 0}));
}

}  // namespace
}  // namespace glimpse::testkit
