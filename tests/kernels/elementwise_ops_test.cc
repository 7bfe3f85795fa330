// SPDX-License-Identifier: Apache-2.0
// Operators on two and three tensors through the plugin's C ABI: hand-worked examples and refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Dims = std::vector<int32_t>;

template <typename T>
OpTensor Plain(glimpse_dtype dtype, Dims dims, const std::vector<T>& content = {}) {
  OpTensor tensor;
  tensor.dtype = dtype;
  tensor.dims = std::move(dims);
  tensor.scales = {};
  tensor.zero_points = {};
  tensor.Content(content);
  return tensor;
}

OpTensor Floats(const std::vector<float>& content) {
  return Plain(GLIMPSE_FLOAT32, {static_cast<int32_t>(content.size())}, content);
}
OpTensor Ints(const std::vector<int32_t>& content) {
  return Plain(GLIMPSE_INT32, {static_cast<int32_t>(content.size())}, content);
}
OpTensor Bools(Dims dims, const std::vector<uint8_t>& content = {}) {
  return Plain(GLIMPSE_BOOL, std::move(dims), content);
}
OpTensor Int16(float scale, const std::vector<int16_t>& content = {}) {
  OpTensor tensor = Plain(GLIMPSE_INT16, {static_cast<int32_t>(content.size())}, content);
  tensor.scales = {scale};
  tensor.zero_points = {0};
  return tensor;
}

template <typename T = int8_t>
std::vector<T> Compute(const char* op, const OpTensor& a, const OpTensor& b, OpTensor output,
                       const char* numerics = "litert-reference", glimpse_elementwise_options options = {}) {
  OpRunner runner(op, numerics);
  runner.inputs = {a, b};
  runner.output = std::move(output);
  runner.SetOptions(options);
  return runner.Run<T>();
}

void Refused(const char* op, std::vector<OpTensor> inputs, OpTensor output, glimpse_status status, const char* words,
             const char* numerics = "litert-reference", glimpse_elementwise_options options = {}) {
  OpRunner runner(op, numerics);
  runner.inputs = std::move(inputs);
  runner.output = std::move(output);
  runner.SetOptions(options);
  EXPECT_EQ(runner.Prepare(), status) << op << ": " << runner.message();
  EXPECT_THAT(runner.message(), HasSubstr(words));
}

TEST(Sub, RescalesBothInputs) {
  // Real values 1 and 3 less 0.5 each, at scale 0.25.
  EXPECT_EQ(Compute("tflite.SUB", Int8({2}, 0.5F, 0, {2, 6}), Int8({1}, 0.25F, 1, {3}), Int8({}, 0.25F, 0)),
            (std::vector<int8_t>{2, 10}));
}

TEST(Add, OfInt16WithScalesOfPowersOfTwoShiftsOneInput) {
  const glimpse_elementwise_options pot{0, GLIMPSE_ACT_NONE, 1};
  // -5 / 2 rounds away from zero to -3; the sum saturates.
  EXPECT_EQ(Compute<int16_t>("tflite.ADD", Int16(0.25F, {-5, 32767}), Int16(0.5F, {1, 20000}), Int16(0.5F),
                             "litert-reference", pot),
            (std::vector<int16_t>{-2, 32767}));
  // TFLite Micro knows no such form: -2.5 + 1 at general scales.
  EXPECT_EQ(Compute<int16_t>("tflite.ADD", Int16(0.25F, {-5, 32767}), Int16(0.5F, {1, 20000}), Int16(0.5F),
                             "tflite-micro", pot),
            (std::vector<int16_t>{-2, 32767}));
}

TEST(Add, UnderXnnpackRoundsHalvesUp) {
  // (in1 + in2) / 2: sums of 1, -1, 3, -3.
  const OpTensor a = Int8({4}, 1, 0, {1, -1, 3, -3});
  const OpTensor b = Int8({1}, 1, 0, {0});
  EXPECT_EQ(Compute("tflite.ADD", a, b, Int8({}, 2, 0)), (std::vector<int8_t>{1, -1, 2, -2}));
  EXPECT_EQ(Compute("tflite.ADD", a, b, Int8({}, 2, 0), "litert-xnnpack"), (std::vector<int8_t>{1, 0, 2, -1}));
}

TEST(Mul, UnderXnnpackRoundsHalvesToEvenAndSoAreTheBoundsOfActivations) {
  const OpTensor a = Int8({4}, 1, 0, {1, -1, 3, -3});
  const OpTensor b = Int8({1}, 1, 0, {1});
  EXPECT_EQ(Compute("tflite.MUL", a, b, Int8({}, 2, 0)), (std::vector<int8_t>{1, 0, 2, -1}));
  EXPECT_EQ(Compute("tflite.MUL", a, b, Int8({}, 2, 0), "litert-xnnpack"), (std::vector<int8_t>{0, 0, 2, -2}));
  // 6 / 4 + 1 is 2.5: 3 for LiteRT's own kernels, which round before they add the zero point, 2 for XNNPACK.
  const glimpse_elementwise_options relu6{0, GLIMPSE_ACT_RELU6, 0};
  const OpTensor large = Int8({1}, 4, 0, {100});
  EXPECT_EQ(Compute("tflite.MUL", large, b, Int8({}, 4, 1), "litert-reference", relu6), (std::vector<int8_t>{3}));
  EXPECT_EQ(Compute("tflite.MUL", large, b, Int8({}, 4, 1), "litert-xnnpack", relu6), (std::vector<int8_t>{2}));
}

TEST(Div, MultipliesByTheReciprocal) {
  EXPECT_EQ(Compute("tflite.DIV", Int8({3}, 1, 0, {100, -7, 7}), Int8({3}, 1, 0, {-1, 2, -2}), Int8({}, 0.5F, 0)),
            (std::vector<int8_t>{-128, -7, -7}));
}

TEST(Div, OfIntegersTruncatesAndItsOneOverflowSaturates) {
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  EXPECT_EQ(Compute<int32_t>("tflite.DIV", Ints({7, -7, kMin}), Ints({2, 2, -1}), Ints({})),
            (std::vector<int32_t>{3, -3, std::numeric_limits<int32_t>::max()}));
  EXPECT_EQ(Compute<int32_t>("tflite.FLOOR_DIV", Ints({7, -7, kMin}), Ints({2, 2, -1}), Ints({})),
            (std::vector<int32_t>{3, -4, kMin}));
  EXPECT_EQ(Compute<int32_t>("tflite.FLOOR_MOD", Ints({7, -7, kMin}), Ints({-2, 2, -1}), Ints({})),
            (std::vector<int32_t>{-1, 1, 0}));
}

TEST(SquaredDifference, OfInt8) {
  EXPECT_EQ(Compute("tflite.SQUARED_DIFFERENCE", Int8({2}, 0.5F, 1, {5, 1}), Int8({1}, 1, 0, {-1}), Int8({}, 1, -9)),
            (std::vector<int8_t>{0, -8}));  // (2 + 1)^2 and (0 + 1)^2
}

TEST(Plain, FloatsEndAtTheLargestNumberExceptUnderXnnpack) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kMax = std::numeric_limits<float>::max();
  EXPECT_EQ(Compute<float>("tflite.ADD", Floats({kInf, 1}), Floats({1, 2}), Floats({})), (std::vector<float>{kMax, 3}));
  EXPECT_EQ(Compute<float>("tflite.ADD", Floats({kInf, 1e-39F}), Floats({1, 0}), Floats({}), "litert-xnnpack"),
            (std::vector<float>{kInf, 0}));
}

TEST(Plain, IntegersWrapAndMicroAddsThemWithoutTheActivation) {
  const glimpse_elementwise_options relu{0, GLIMPSE_ACT_RELU, 0};
  const OpTensor a = Ints({std::numeric_limits<int32_t>::max(), -5});
  EXPECT_EQ(Compute<int32_t>("tflite.ADD", a, Ints({1, 2}), Ints({}), "litert-reference", relu),
            (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(Compute<int32_t>("tflite.ADD", a, Ints({1, 2}), Ints({}), "tflite-micro", relu),
            (std::vector<int32_t>{std::numeric_limits<int32_t>::min(), -3}));
}

TEST(Plain, FunctionsOfTwoNumbers) {
  const float nan = std::nanf("");
  EXPECT_EQ(Compute<float>("tflite.MAXIMUM", Floats({nan, 1, -2}), Floats({1, 0, -1}), Floats({})),
            (std::vector<float>{1, 1, -1}));
  EXPECT_EQ(Compute<int32_t>("tflite.MINIMUM", Ints({3, -4}), Ints({2, 2}), Ints({})), (std::vector<int32_t>{2, -4}));
  EXPECT_EQ(Compute<int32_t>("tflite.POW", Ints({-3, 2, 10}), Ints({3, 0, 20}), Ints({})),
            (std::vector<int32_t>{-27, 1, std::numeric_limits<int32_t>::min()}));
  EXPECT_EQ(Compute<int32_t>("tflite.BITWISE_XOR", Ints({6, -1}), Ints({3, 1}), Ints({})),
            (std::vector<int32_t>{5, -2}));
  EXPECT_EQ(Compute<int32_t>("tflite.RIGHT_SHIFT", Ints({-5, -5, 8}), Ints({1, 99, -1}), Ints({})),
            (std::vector<int32_t>{-3, -1, 8}));
}

TEST(Comparison, ComparesRealValuesOfInt8AndStoredOnesOfInt16) {
  const OpTensor a = Int8({3}, 0.25F, 0, {8, 4, -4});
  EXPECT_EQ(Compute<uint8_t>("tflite.EQUAL", a, Int8({1}, 0.5F, 1, {5}), Bools({})), (std::vector<uint8_t>{1, 0, 0}));
  EXPECT_EQ(Compute<uint8_t>("tflite.LESS", a, Int8({1}, 0.5F, 1, {5}), Bools({})), (std::vector<uint8_t>{0, 1, 1}));
  EXPECT_EQ(Compute<uint8_t>("tflite.GREATER", Int16(0.125F, {7, 4}), Int16(0.5F, {5, 5}), Bools({})),
            (std::vector<uint8_t>{1, 0}));
  EXPECT_EQ(Compute<uint8_t>("tflite.NOT_EQUAL", Floats({1, 2}), Floats({1, 1}), Bools({})),
            (std::vector<uint8_t>{0, 1}));
}

TEST(Logical, TakesAnyByteButZeroAsTrue) {
  EXPECT_EQ(Compute<uint8_t>("tflite.LOGICAL_AND", Bools({3}, {1, 2, 0}), Bools({1}, {4}), Bools({})),
            (std::vector<uint8_t>{1, 1, 0}));
  EXPECT_EQ(Compute<uint8_t>("tflite.LOGICAL_OR", Bools({2}, {0, 0}), Bools({2}, {0, 9}), Bools({})),
            (std::vector<uint8_t>{0, 1}));
  OpRunner op("tflite.LOGICAL_NOT");
  op.inputs = {Bools({3}, {0, 1, 7})};
  op.output = Bools({});
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{1, 0, 0}));
}

TEST(Select, TakesAConditionForEachEntryOfTheFirstDimension) {
  OpRunner op("tflite.SELECT");
  op.inputs = {Bools({2}, {1, 0}), Int8({2, 2}, 1, 0, {1, 2, 3, 4}), Int8({2, 2}, 1, 0, {5, 6, 7, 8})};
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (std::vector<int8_t>{1, 2, 7, 8}));
  EXPECT_EQ(op.shape(), (Dims{2, 2}));
}

TEST(SelectV2, BroadcastsAllThree) {
  OpRunner op("tflite.SELECT_V2");
  op.inputs = {Bools({1, 2}, {1, 0}), Int8({2, 1}, 1, 0, {1, 2}), Int8({}, 1, 0, {9})};
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (std::vector<int8_t>{1, 9, 2, 9}));
  EXPECT_EQ(op.shape(), (Dims{2, 2}));
}

TEST(Elementwise, OfNothingIsEmpty) {
  EXPECT_TRUE(Compute("tflite.ADD", Int8({0, 3}, 1, 0), Int8({3}, 1, 0, {1, 2, 3}), Int8({}, 1, 0)).empty());
  EXPECT_TRUE(Compute<uint8_t>("tflite.EQUAL", Ints({}), Ints({1}), Bools({})).empty());
}

TEST(Elementwise, OfManyRowsOfNothingEndsAtOnce) {
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
  constexpr int32_t kMany = sizeof(size_t) == 8 ? 1 << 29 : 1 << 13;  // squared, what memory could have addresses for
  EXPECT_TRUE(Compute("tflite.ADD", Int8({kMany, kMany, 0}, 1, 0), Int8({1}, 1, 0, {1}), Int8({}, 1, 0)).empty());
  Refused("tflite.ADD", {Int8({0, kMost, kMost, kMost}, 1, 0), Int8({1}, 1, 0)}, Int8({}, 1, 0), GLIMPSE_INVALID_NODE,
          "too large");
}

TEST(Elementwise, OfScalarsIsOneElement) {
  EXPECT_EQ(Compute("tflite.ADD", Int8({}, 1, 0, {3}), Int8({}, 1, 0, {4}), Int8({}, 1, 0)), std::vector<int8_t>{7});
}

TEST(ElementwiseRejections, OfDivisionByZeroAtRunTime) {
  for (const char* name : {"tflite.DIV", "tflite.FLOOR_DIV", "tflite.FLOOR_MOD"}) {
    OpRunner op(name);
    op.inputs = {Ints({1, 2}), Ints({1, 0})};
    op.output = Ints({});
    op.SetOptions(glimpse_elementwise_options{});
    ASSERT_EQ(op.Prepare(), GLIMPSE_OK) << op.message();
    EXPECT_EQ(op.InvokeStatus(), GLIMPSE_INVALID_NODE) << name;
    EXPECT_THAT(op.message(), HasSubstr("division by zero"));
  }
}

TEST(ElementwiseRejections, OfNegativeIntegerPowersAtRunTime) {
  OpRunner op("tflite.POW");
  op.inputs = {Ints({1, 2}), Ints({1, -1})};
  op.output = Ints({});
  ASSERT_EQ(op.Prepare(), GLIMPSE_OK) << op.message();
  EXPECT_EQ(op.InvokeStatus(), GLIMPSE_INVALID_NODE);
}

TEST(ElementwiseRejections, OfScalesWithoutAResult) {
  const OpTensor one = Int8({1}, 1, 0);
  Refused("tflite.ADD", {one, Int8({1}, 1e9F, 0)}, one, GLIMPSE_UNSUPPORTED, "2^19");
  Refused("tflite.ADD", {one, Int8({1}, 300, 0)}, one, GLIMPSE_UNSUPPORTED, "2^8", "litert-xnnpack");
  Refused("tflite.SUB", {one, Int8({1}, 1e9F, 0)}, one, GLIMPSE_UNSUPPORTED, "2^19", "tflite-micro");
  Refused("tflite.LESS", {one, one}, Bools({1}), GLIMPSE_UNSUPPORTED, "below 1");
}

TEST(ElementwiseRejections, OfMixedQuantization) {
  const OpTensor quantized = Int8({1}, 0.5F, 0);
  Refused("tflite.MUL", {quantized, Plain<int8_t>(GLIMPSE_INT8, {1})}, quantized, GLIMPSE_INVALID_NODE,
          "without scale");
  OpTensor asymmetric = Int16(0.5F, {1});
  asymmetric.zero_points = {1};
  Refused("tflite.MUL", {asymmetric, Int16(0.5F, {1})}, Int16(0.5F), GLIMPSE_UNSUPPORTED, "zero points");
}

TEST(ElementwiseRejections, OfTypesThatARuntimeLacks) {
  Refused("tflite.ADD", {Plain<int64_t>(GLIMPSE_INT64, {1}), Plain<int64_t>(GLIMPSE_INT64, {1})},
          Plain<int64_t>(GLIMPSE_INT64, {1}), GLIMPSE_UNSUPPORTED, "float32, int32", "tflite-micro");
  Refused("tflite.POW", {Ints({1}), Ints({1})}, Ints({1}), GLIMPSE_UNSUPPORTED, "does not have", "tflite-micro");
  Refused("tflite.ATAN2", {Floats({1, 2}), Floats({1})}, Floats({}), GLIMPSE_UNSUPPORTED, "one shape");
  Refused("tflite.LESS", {Bools({1}), Bools({1})}, Bools({1}), GLIMPSE_UNSUPPORTED, "bool");
  Refused("tflite.SELECT", {Bools({3}), Ints({1, 2}), Ints({1, 2})}, Ints({}), GLIMPSE_INVALID_NODE, "condition");
}

TEST(ElementwiseRejections, OfPowersOfTwoThatBothNeedAShift) {
  const glimpse_elementwise_options pot{0, GLIMPSE_ACT_NONE, 1};
  Refused("tflite.ADD", {Int16(0.25F, {1}), Int16(0.25F, {1})}, Int16(0.5F), GLIMPSE_UNSUPPORTED, "2^-2",
          "litert-reference", pot);
  Refused("tflite.ADD", {Int16(0.5F, {1, 2}), Int16(0.5F, {1})}, Int16(0.5F), GLIMPSE_UNSUPPORTED, "broadcast",
          "litert-reference", pot);
}

}  // namespace
}  // namespace glimpse::testkit
