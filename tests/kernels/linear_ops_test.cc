// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED through the plugin's C ABI.
#include <gtest/gtest.h>

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
