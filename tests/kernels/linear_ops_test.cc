// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED through the plugin's C ABI.
#include <gtest/gtest.h>

#include <limits>
#include <tuple>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using Bytes = std::vector<int8_t>;
using Dims = std::vector<int32_t>;

OpTensor Weights(Dims dims, std::vector<float> scales, int32_t axis, const Bytes& content) {
  OpTensor tensor = Int8(std::move(dims), 1, 0, content);
  tensor.zero_points.assign(scales.size(), 0);
  tensor.scales = std::move(scales);
  tensor.axis = axis;
  tensor.constant = true;
  return tensor;
}

glimpse_conv_2d_options ConvOptions(glimpse_padding padding) {
  return {0, padding, 1, 1, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
}

TEST(Conv2D, SumsProductsOfCentredInputsAndRequantises) {
  OpRunner op("tflite.CONV_2D");
  // Input minus zero point 1: 1 2 / 3 4; filter 1 -1 / 2 0: 1 - 2 + 6 + 0 = 5, bias 10: 15, times 0.5 * 0.5 / 1 = 3.75,
  // so 4; second channel, scale 0.25: all ones, 10 - 4 = 6 times 0.125 = 0.75, so 1. Zero point -2.
  op.inputs = {Int8({1, 2, 2, 1}, 0.5F, 1, {2, 3, 4, 5}),
               Weights({2, 2, 2, 1}, {0.5F, 0.25F}, 0, {1, -1, 2, 0, 1, 1, 1, 1}), Const32({2}, {10, -4})};
  op.output = Int8({1, 1, 1, 2}, 1, -2);
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run(), (Bytes{2, -1}));
  EXPECT_EQ(op.shape(), (Dims{1, 1, 1, 2}));
  EXPECT_EQ(op.macs(), 8u);
}

TEST(Conv2D, PaddingContributesInputZeroPoint) {
  OpRunner op("tflite.CONV_2D");
  // 3x3 ones over a 2x2 input at SAME: every window sees all four values; padding adds nothing though the zero point
  // is 7.
  op.inputs = {Int8({1, 2, 2, 1}, 1, 7, {8, 9, 10, 11}), Weights({1, 3, 3, 1}, {1}, 0, Bytes(9, 1))};
  op.output = Int8({1, 2, 2, 1}, 1, 0);
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_SAME));
  EXPECT_EQ(op.Run(), Bytes(4, 10));  // 1 + 2 + 3 + 4
}

TEST(Conv2D, GroupsSeeTheirOwnChannels) {
  OpRunner op("tflite.CONV_2D");
  op.inputs = {Int8({1, 1, 1, 4}, 1, 0, {1, 2, 3, 4}), Weights({2, 1, 1, 2}, {1}, 0, {1, 10, 1, 10})};
  op.output = Int8({1, 1, 1, 2}, 1, 0);
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run(), (Bytes{21, 43}));
}

TEST(Conv2D, FusedReluClampsAtTheZeroPoint) {
  OpRunner op("tflite.CONV_2D");
  op.inputs = {Int8({1, 1, 2, 1}, 1, 0, {-50, 50}), Weights({1, 1, 1, 1}, {1}, 0, {1})};
  op.output = Int8({1, 1, 2, 1}, 1, 5);
  auto options = ConvOptions(GLIMPSE_PADDING_VALID);
  options.activation = GLIMPSE_ACT_RELU;
  op.SetOptions(options);
  EXPECT_EQ(op.Run(), (Bytes{5, 55}));
}

TEST(Conv2D, MayBePreparedAgainWithOtherShapes) {
  OpRunner op("tflite.CONV_2D");
  op.inputs = {Int8({1, 1, 1, 1}, 1, 0, {3}), Weights({1, 1, 1, 1}, {1}, 0, {2})};
  op.output = Int8({1, 1, 1, 1}, 1, 0);
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run(), (Bytes{6}));
  op.inputs[0] = Int8({2, 1, 2, 1}, 1, 0, {1, 2, 3, 4});
  EXPECT_EQ(op.Run(), (Bytes{2, 4, 6, 8}));
}

TEST(DepthwiseConv2D, MultipliesEachChannelByItsOwnFilters) {
  OpRunner op("tflite.DEPTHWISE_CONV_2D");
  // Channels 1 and 2 at two pixels, depth multiplier 2: filters of channel 0 are 1 and 2, of channel 1 are 3 and 4.
  op.inputs = {Int8({1, 1, 2, 2}, 1, 0, {1, 2, 5, 6}), Weights({1, 1, 1, 4}, {1, 1, 1, 1}, 3, {1, 2, 3, 4})};
  op.output = Int8({1, 1, 2, 4}, 1, 0);
  op.SetOptions(glimpse_depthwise_conv_2d_options{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, 2, GLIMPSE_ACT_NONE});
  EXPECT_EQ(op.Run(), (Bytes{1, 2, 6, 8, 5, 10, 18, 24}));
}

template <typename T>
OpTensor Typed(glimpse_dtype dtype, Dims dims, float scale, int64_t zero_point, const std::vector<T>& content) {
  OpTensor tensor = Int8(std::move(dims), scale, zero_point);
  tensor.dtype = dtype;
  tensor.Content(content);
  return tensor;
}

OpTensor Float(Dims dims, const std::vector<float>& content) {
  OpTensor tensor = Typed(GLIMPSE_FLOAT32, std::move(dims), 1, 0, content);
  tensor.scales.clear();
  tensor.zero_points.clear();
  return tensor;
}

TEST(Conv2D, RoundsAsTheProfileSays) {
  // -3 and 3 by 1/2: rounded twice -1 and 2 (the doubling multiplication takes ties upwards), to even -2 and 2.
  for (const auto& [numerics, expected] : {std::pair{"litert-reference", Bytes{-1, 2}},
                                           {"tflite-micro", Bytes{-1, 2}},
                                           {"litert-xnnpack", Bytes{-2, 2}}}) {
    OpRunner op("tflite.CONV_2D", numerics);
    op.inputs = {Int8({1, 1, 2, 1}, 1, 0, {-3, 3}), Weights({1, 1, 1, 1}, {1}, 0, {1}), Const32({1}, {0})};
    op.output = Int8({1, 1, 2, 1}, 2, 0);
    op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
    EXPECT_EQ(op.Run(), expected) << numerics;
  }
}

TEST(Conv2D, TakesZeroPointsOfUint8Weights) {
  OpRunner op("tflite.CONV_2D");
  // (200 - 100) * (130 - 128) + (90 - 100) * (125 - 128) = 200 + 30, by 1/2: 115, plus zero point 20.
  op.inputs = {Typed<uint8_t>(GLIMPSE_UINT8, {1, 1, 1, 2}, 1, 100, {200, 90}),
               Typed<uint8_t>(GLIMPSE_UINT8, {1, 1, 1, 2}, 1, 128, {130, 125})};
  op.inputs[1].constant = true;
  op.output = Typed<uint8_t>(GLIMPSE_UINT8, {1, 1, 1, 1}, 2, 20, {});
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run<uint8_t>(), std::vector<uint8_t>{135});
}

TEST(Conv2D, RoundsInt16ByTheWidthOfTheBias) {
  // Scale 0.3: 31 bits hold it to 1e-10, 15 bits as 19661 / 2^16 = 0.3000031. 60000 + 49004 = 109004 gives 32701.2 and
  // 32701.53: with an int32 bias 32701, with an int64 bias 32702.
  OpTensor wide = Const32({1}, {});
  wide.dtype = GLIMPSE_INT64;
  wide.Content<int64_t>({49004});
  for (const auto& [bias, type, expected] :
       {std::tuple{Const32({1}, {49004}), GLIMPSE_INT32, 32701}, {wide, GLIMPSE_INT64, 32702}}) {
    OpRunner op("tflite.CONV_2D");
    op.inputs = {Typed<int16_t>(GLIMPSE_INT16, {1, 1, 1, 1}, 0.3F, 0, {30000}), Weights({1, 1, 1, 1}, {1}, 0, {2}),
                 bias};
    op.output = Typed<int16_t>(GLIMPSE_INT16, {1, 1, 1, 1}, 1, 0, {});
    auto options = ConvOptions(GLIMPSE_PADDING_VALID);
    options.quantized_bias_type = static_cast<glimpse_dtype>(type);
    op.SetOptions(options);
    EXPECT_EQ(op.Run<int16_t>(), std::vector<int16_t>{static_cast<int16_t>(expected)});
  }
}

TEST(Conv2D, UnpacksWeightsOfFourBits) {
  OpRunner op("tflite.CONV_2D");
  OpTensor weights = Weights({1, 1, 1, 3}, {1}, 0, {0x2F, 0x08});  // -1, 2, -8
  weights.dtype = GLIMPSE_INT4;
  op.inputs = {Int8({1, 1, 1, 3}, 1, 0, {1, 10, -2}), weights};
  op.output = Int8({1, 1, 1, 1}, 1, 0);
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run(), (Bytes{35}));  // -1 + 20 + 16
}

TEST(Conv2D, AddsFloatsInOrderAndClampsInfinity) {
  OpRunner op("tflite.CONV_2D");
  // 2^24 + 1 stays 2^24 in float, twice; the other order would give 2^24 + 2. Infinity becomes the largest float.
  op.inputs = {Float({1, 1, 2, 3}, {16777216, 1, 1, std::numeric_limits<float>::infinity(), 0, 0}),
               Float({1, 1, 1, 3}, {1, 1, 1})};
  op.output = Float({1, 1, 2, 1}, {});
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run<float>(), (std::vector<float>{16777216, std::numeric_limits<float>::max()}));
}

TEST(Conv2D, QuantizesFloatsForInt8Weights) {
  OpRunner op("tflite.CONV_2D");
  // One scale: symmetric, 127 / 127 a step: 127, -64 (63.6 rounds), 1; weights 1, 2, 3 by 0.5: (127 - 128 + 3) * 0.5
  // + 10.
  op.inputs = {Float({1, 1, 1, 3}, {127, -63.6F, 1}), Weights({1, 1, 1, 3}, {0.5F}, 0, {1, 2, 3}), Float({1}, {10})};
  op.output = Float({1, 1, 1, 1}, {});
  op.SetOptions(ConvOptions(GLIMPSE_PADDING_VALID));
  EXPECT_EQ(op.Run<float>(), (std::vector<float>{11}));
  // Two scales: asymmetric, [0, 255] over [-128, 127]: 255, 100.4 as 100, 0; sums 255 and 200.
  op.inputs = {Float({1, 1, 1, 3}, {255, 100.4F, 0}), Weights({2, 1, 1, 3}, {1, 0.5F}, 0, {1, 0, 9, 0, 2, 9})};
  op.output = Float({1, 1, 1, 2}, {});
  EXPECT_EQ(op.Run<float>(), (std::vector<float>{255, 100}));
}

TEST(TransposeConv, SpreadsInputsOverTheOutput) {
  OpRunner op("tflite.TRANSPOSE_CONV");
  // Stride 2, filter 1 10 100, inputs 1 and 2 at VALID: 1 10 100+2 20 200, clamped to 127.
  op.inputs = {Const32({4}, {1, 1, 5, 1}), Weights({1, 1, 3, 1}, {1}, 0, {1, 10, 100}),
               Int8({1, 1, 2, 1}, 1, 3, {4, 5})};
  op.output = Int8({1, 1, 5, 1}, 1, 0);
  glimpse_transpose_conv_options options{0, GLIMPSE_PADDING_VALID, 1, 2, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
  op.SetOptions(options);
  EXPECT_EQ(op.Run(), (Bytes{1, 10, 102, 20, 127}));
  EXPECT_EQ(op.shape(), (Dims{1, 1, 5, 1}));
  // SAME over 4 outputs: one element of padding in all, none of it before the first.
  options.padding = GLIMPSE_PADDING_SAME;
  op.SetOptions(options);
  op.inputs[0] = Const32({4}, {1, 1, 4, 1});
  op.output = Int8({1, 1, 4, 1}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{1, 10, 102, 20}));
}

TEST(TransposeConv, AddsABias) {
  OpRunner op("tflite.TRANSPOSE_CONV");
  op.inputs = {Const32({4}, {1, 1, 1, 2}), Float({2, 1, 1, 1}, {2, 3}), Float({1, 1, 1, 1}, {5}),
               Float({2}, {0.5F, -1})};
  op.output = Float({1, 1, 1, 2}, {});
  op.SetOptions(glimpse_transpose_conv_options{0, GLIMPSE_PADDING_SAME, 1, 1, GLIMPSE_ACT_RELU6, GLIMPSE_FLOAT32});
  EXPECT_EQ(op.Run<float>(), (std::vector<float>{6, 6}));
}

TEST(DepthwiseConv2D, QuantizesFloatsForInt8Weights) {
  OpRunner op("tflite.DEPTHWISE_CONV_2D");
  // [0, 255] over [-128, 127]; channel 0: 255 * 2 * 0.5, channel 1: 51 * 1 * 1 + 1.
  op.inputs = {Float({1, 1, 1, 2}, {255, 51}), Weights({1, 1, 1, 2}, {0.5F, 1}, 3, {2, 1}), Float({2}, {0, 1})};
  op.output = Float({1, 1, 1, 2}, {});
  op.SetOptions(glimpse_depthwise_conv_2d_options{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, 1, GLIMPSE_ACT_NONE});
  EXPECT_EQ(op.Run<float>(), (std::vector<float>{255, 52}));
}

TEST(FullyConnected, RoundsAsTheProfileSays) {
  // -3 * 1/2 = -1.5. A real product rounds to -2. In fixed point 1/2 is 2^30 / 2^31 without a shift: the doubling
  // multiplication rounds the tie upwards, to -1.
  for (const auto& [numerics, expected] : {std::pair{"litert-reference", -2}, std::pair{"tflite-micro", -1}}) {
    OpRunner op("tflite.FULLY_CONNECTED", numerics);
    op.inputs = {Int8({1, 1}, 1, 0, {-3}), Weights({1, 1}, {1}, 0, {1})};
    op.output = Int8({1, 1}, 2, 0);
    op.SetOptions(glimpse_fully_connected_options{});
    EXPECT_EQ(op.Run(), (Bytes{static_cast<int8_t>(expected)})) << numerics;
  }
}

TEST(FullyConnected, KeepsOrFlattensTheLeadingDimensions) {
  OpRunner op("tflite.FULLY_CONNECTED");
  op.inputs = {Int8({2, 1, 2}, 1, 0, {1, 2, 3, 4}), Weights({1, 2}, {1}, 0, {1, 1})};
  op.output = Int8({2, 1}, 1, 0);
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Run(), (Bytes{3, 7}));
  EXPECT_EQ(op.shape(), (Dims{2, 1}));
  glimpse_fully_connected_options keep{};
  keep.keep_num_dims = 1;
  op.SetOptions(keep);
  EXPECT_EQ(op.Run(), (Bytes{3, 7}));
  EXPECT_EQ(op.shape(), (Dims{2, 1, 1}));
}

}  // namespace
}  // namespace glimpse::testkit
