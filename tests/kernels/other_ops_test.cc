// SPDX-License-Identifier: Apache-2.0
// The other operators through the plugin's C ABI: hand-worked examples.
#include <gtest/gtest.h>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using Bytes = std::vector<int8_t>;
using Dims = std::vector<int32_t>;

OpTensor Float(Dims dims, const std::vector<float>& content = {}) {
  OpTensor tensor;
  tensor.dtype = GLIMPSE_FLOAT32;
  tensor.dims = std::move(dims);
  tensor.scales = {};
  tensor.zero_points = {};
  tensor.Content(content);
  return tensor;
}

OpTensor Plain32(Dims dims) {
  OpTensor tensor = Const32(std::move(dims), {});
  tensor.constant = false;
  return tensor;
}

glimpse_pool_2d_options Pool(int32_t size, glimpse_padding padding) {
  return {0, padding, size, size, size, size, GLIMPSE_ACT_NONE};
}

TEST(MaxPool2D, TakesTheLargestOfTheWindowAndIgnoresPadding) {
  OpRunner op("tflite.MAX_POOL_2D");
  op.inputs = {Int8({1, 3, 3, 1}, 1, 0, {-9, -8, -7, -6, -5, -4, -3, -2, -1})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(Pool(2, GLIMPSE_PADDING_SAME));
  EXPECT_EQ(op.Run(), (Bytes{-5, -4, -2, -1}));
}

TEST(AveragePool2D, RoundsTiesAwayFromZeroAndCountsOnlyTheInput) {
  OpRunner op("tflite.AVERAGE_POOL_2D");
  op.inputs = {Int8({1, 1, 3, 2}, 1, 0, {1, -1, 2, -2, 7, -7})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(Pool(2, GLIMPSE_PADDING_SAME));
  // 3 / 2 and -3 / 2 are ties; the last window holds one pixel.
  EXPECT_EQ(op.Run(), (Bytes{2, -2, 7, -7}));
}

TEST(Add, RescalesBothInputsAndBroadcasts) {
  OpRunner op("tflite.ADD");
  // Real values 1 2 3 4 plus 10, at scale 0.5: 22 24 26 28, zero point -1.
  op.inputs = {Int8({2, 2}, 0.25F, 0, {4, 8, 12, 16}), Int8({1}, 2, 1, {6})};
  op.output = Int8({2, 2}, 0.5F, -1);
  op.SetOptions(glimpse_elementwise_options{});
  EXPECT_EQ(op.Run(), (Bytes{21, 23, 25, 27}));
  EXPECT_EQ(op.shape(), (Dims{2, 2}));
}

TEST(Mul, MultipliesCentredValues) {
  OpRunner op("tflite.MUL");
  op.inputs = {Int8({2, 1}, 0.5F, 1, {3, 5}), Int8({1, 2}, 0.5F, 0, {4, -6})};
  op.output = Int8({2, 2}, 0.25F, 0);
  op.SetOptions(glimpse_elementwise_options{});
  EXPECT_EQ(op.Run(), (Bytes{8, -12, 16, -24}));
}

TEST(Pad, FillsWithTheZeroPoint) {
  OpRunner op("tflite.PAD");
  op.inputs = {Int8({1, 2}, 1, -7, {1, 2}), Const32({2, 2}, {0, 1, 1, 0})};
  op.output = Int8({}, 1, -7);
  EXPECT_EQ(op.Run(), (Bytes{-7, 1, 2, -7, -7, -7}));
  EXPECT_EQ(op.shape(), (Dims{2, 3}));
}

TEST(Mean, AveragesOverTheNamedDimensions) {
  OpRunner op("tflite.MEAN");
  op.inputs = {Int8({1, 2, 2, 2}, 1, 0, {1, 10, 2, 20, 3, 30, 6, 40}), Const32({2}, {1, -2})};
  op.output = Int8({}, 0.5F, 0);
  op.SetOptions(glimpse_reducer_options{});
  EXPECT_EQ(op.Run(), (Bytes{6, 50}));  // (3, 25) / 0.5
  EXPECT_EQ(op.shape(), (Dims{1, 2}));
  op.SetOptions(glimpse_reducer_options{0, 1});
  EXPECT_EQ(op.Run(), (Bytes{6, 50}));
  EXPECT_EQ(op.shape(), (Dims{1, 1, 1, 2}));
}

TEST(Softmax, OfEqualValuesIsUniform) {
  OpRunner op("tflite.SOFTMAX");
  op.inputs = {Int8({1, 4}, 0.1F, 3, {5, 5, 5, 5})};
  op.output = Int8({}, 1.0F / 256, -128);
  op.SetOptions(glimpse_softmax_options{0, 1});
  EXPECT_EQ(op.Run(), Bytes(4, -64));  // 256 / 4 - 128
}

TEST(Softmax, OfOneFarAheadSaturates) {
  OpRunner op("tflite.SOFTMAX");
  op.inputs = {Int8({1, 2}, 1, 0, {127, -128})};
  op.output = Int8({}, 1.0F / 256, -128);
  op.SetOptions(glimpse_softmax_options{0, 1});
  EXPECT_EQ(op.Run(), (Bytes{127, -128}));
}

TEST(Softmax, OfALongRowOfEqualsIsZero) {
  OpRunner op("tflite.SOFTMAX");
  op.inputs = {Int8({1, 9000}, 1, 0, Bytes(9000, 1))};
  op.output = Int8({}, 1.0F / 256, -128);
  op.SetOptions(glimpse_softmax_options{0, 1});
  EXPECT_EQ(op.Run(), Bytes(9000, -128));
}

TEST(Quantize, RoundsHalvesAwayFromZeroAndClamps) {
  OpRunner op("tflite.QUANTIZE");
  op.inputs = {Float({5}, {0.25F, -0.25F, 0.2F, 100, -100})};
  op.output = Int8({5}, 0.5F, 1);
  EXPECT_EQ(op.Run(), (Bytes{2, 0, 1, 127, -128}));
}

TEST(Quantize, RequantisesInt8) {
  OpRunner op("tflite.QUANTIZE");
  op.inputs = {Int8({3}, 1, -128, {-128, 0, 127})};
  op.output = Int8({3}, 2, 0);
  EXPECT_EQ(op.Run(), (Bytes{0, 64, 127}));  // 0, 128 / 2, 255 / 2 = 127.5, which clamps
}

TEST(Dequantize, MultipliesByTheScale) {
  OpRunner op("tflite.DEQUANTIZE");
  op.inputs = {Int8({3}, 0.5F, 1, {1, 3, -128})};
  op.output = Float({3});
  EXPECT_EQ(op.Run<float>(), (std::vector<float>{0, 1, -64.5F}));
}

TEST(Reshape, ResolvesWhatIsLeft) {
  OpRunner op("tflite.RESHAPE");
  op.inputs = {Int8({2, 3}, 1, 0, {1, 2, 3, 4, 5, 6}), Const32({2}, {3, -1})};
  op.output = Int8({}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(op.shape(), (Dims{3, 2}));
}

TEST(Shape, GivesTheDimensions) {
  OpRunner op("tflite.SHAPE");
  op.inputs = {Int8({4, 1, 7}, 1, 0, Bytes(28, 0))};
  op.output = Plain32({3});
  op.SetOptions(glimpse_shape_options{0, GLIMPSE_INT32});
  EXPECT_EQ(op.Run<int32_t>(), (std::vector<int32_t>{4, 1, 7}));
}

TEST(StridedSlice, WalksBackwardsAndShrinks) {
  OpRunner op("tflite.STRIDED_SLICE");
  op.inputs = {Int8({2, 4}, 1, 0, {1, 2, 3, 4, 5, 6, 7, 8}), Const32({2}, {1, -1}), Const32({2}, {2, -5}),
               Const32({2}, {1, -2})};
  op.output = Int8({}, 1, 0);
  glimpse_strided_slice_options options{};
  options.shrink_axis_mask = 1;
  op.SetOptions(options);
  EXPECT_EQ(op.Run(), (Bytes{8, 6}));
  EXPECT_EQ(op.shape(), (Dims{2}));
}

TEST(StridedSlice, OfNothingIsEmpty) {
  OpRunner op("tflite.STRIDED_SLICE");
  op.inputs = {Int8({4}, 1, 0, {1, 2, 3, 4}), Const32({1}, {3}), Const32({1}, {1}), Const32({1}, {1})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_strided_slice_options{});
  EXPECT_TRUE(op.Run().empty());
}

TEST(Concatenation, JoinsAlongAnyDimension) {
  OpRunner op("tflite.CONCATENATION");
  op.inputs = {Int8({2, 1}, 1, 0, {1, 2}), Int8({2, 2}, 1, 0, {3, 4, 5, 6})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_concatenation_options{0, -1, GLIMPSE_ACT_NONE});
  EXPECT_EQ(op.Run(), (Bytes{1, 3, 4, 2, 5, 6}));
}

TEST(Pack, AddsADimension) {
  OpRunner op("tflite.PACK");
  op.inputs = {Int8({2}, 1, 0, {1, 2}), Int8({2}, 1, 0, {3, 4})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_pack_options{0, 2, 1});
  EXPECT_EQ(op.Run(), (Bytes{1, 3, 2, 4}));
  EXPECT_EQ(op.shape(), (Dims{2, 2}));
}

TEST(Relu6, IsNotRescaledByTfliteMicro) {
  for (const auto& [numerics, expected] :
       {std::pair{"litert-reference", Bytes{0, 2, 3}}, std::pair{"tflite-micro", Bytes{0, 4, 6}}}) {
    OpRunner op("tflite.RELU6", numerics);
    op.inputs = {Int8({3}, 1, 0, {-5, 4, 9})};
    op.output = Int8({}, 2, 0);
    EXPECT_EQ(op.Run(), expected) << numerics;
  }
}

TEST(LeakyRelu, ScalesNegativeValuesByAlpha) {
  OpRunner op("tflite.LEAKY_RELU");
  op.inputs = {Int8({3}, 1, 1, {-127, 1, 101})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_leaky_relu_options{0, 0.25F});
  EXPECT_EQ(op.Run(), (Bytes{-32, 0, 100}));  // -128 / 4
}

TEST(Logistic, OfZeroIsAHalf) {
  for (const char* numerics : {"litert-reference", "tflite-micro"}) {
    OpRunner op("tflite.LOGISTIC", numerics);
    op.inputs = {Int8({3}, 0.5F, 10, {10, -128, 127})};
    op.output = Int8({}, 1.0F / 256, -128);
    EXPECT_EQ(op.Run(), (Bytes{0, -128, 127})) << numerics;
  }
}

}  // namespace
}  // namespace glimpse::testkit
