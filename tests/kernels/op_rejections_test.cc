// SPDX-License-Identifier: Apache-2.0
// Models are untrusted: each case is refused in prepare, with the right status and a message that names the field.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;

class ConvRejections : public ::testing::Test {
 protected:
  ConvRejections() {
    op.inputs = {Int8({1, 4, 4, 2}, 1, 0), Int8({3, 2, 2, 2}, 1, 0, std::vector<int8_t>(24, 1)),
                 Const32({3}, {1, 2, 3})};
    op.inputs[1].constant = true;
    op.output = Int8({1, 3, 3, 3}, 1, 0);
    options = {0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
  }
  void Refused(glimpse_status status, const char* words) {
    op.SetOptions(options);
    EXPECT_EQ(op.Prepare(), status) << op.message();
    EXPECT_THAT(op.message(), HasSubstr(words));
  }
  OpRunner op{"tflite.CONV_2D"};
  glimpse_conv_2d_options options;
};

TEST_F(ConvRejections, AreNoneForASoundNode) {
  op.SetOptions(options);
  EXPECT_EQ(op.Prepare(), GLIMPSE_OK) << op.message();
}
TEST_F(ConvRejections, OfAMissingOptionsTable) { EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE); }
TEST_F(ConvRejections, OfARankThatIsNot4) {
  op.inputs[0].dims = {4, 4, 2};
  Refused(GLIMPSE_INVALID_NODE, "rank");
}
TEST_F(ConvRejections, OfFloatWeights) {
  op.inputs[1].dtype = GLIMPSE_FLOAT32;
  Refused(GLIMPSE_UNSUPPORTED, "float32");
}
TEST_F(ConvRejections, OfChannelsThatDoNotDivide) {
  op.inputs[0].dims = {1, 4, 4, 3};
  Refused(GLIMPSE_INVALID_NODE, "multiple");
}
TEST_F(ConvRejections, OfGroupsThatDoNotDivideTheFilters) {
  op.inputs[0].dims = {1, 4, 4, 4};
  Refused(GLIMPSE_INVALID_NODE, "groups");
}
TEST_F(ConvRejections, OfABiasOfTheWrongLength) {
  op.inputs[2] = Const32({2}, {1, 2});
  Refused(GLIMPSE_INVALID_NODE, "bias");
}
TEST_F(ConvRejections, OfAnInt64Bias) {
  op.inputs[2].dtype = GLIMPSE_INT64;
  Refused(GLIMPSE_UNSUPPORTED, "bias");
}
TEST_F(ConvRejections, OfScalesThatAreNeitherOneNorOneAChannel) {
  op.inputs[1].scales = {1, 1};
  op.inputs[1].zero_points = {0, 0};
  Refused(GLIMPSE_INVALID_NODE, "scales");
}
TEST_F(ConvRejections, OfScalesAlongTheWrongDimension) {
  op.inputs[1].scales = {1, 1, 1};
  op.inputs[1].zero_points = {0, 0, 0};
  op.inputs[1].axis = 3;
  Refused(GLIMPSE_INVALID_NODE, "dimension 3");
}
TEST_F(ConvRejections, OfAsymmetricWeights) {
  op.inputs[1].zero_points = {1};
  Refused(GLIMPSE_UNSUPPORTED, "zero point");
}
TEST_F(ConvRejections, OfAnOutputWithoutQuantization) {
  op.output.scales = {};
  op.output.zero_points = {};
  Refused(GLIMPSE_INVALID_NODE, "output 0");
}
TEST_F(ConvRejections, OfScalesThatAreNotPositive) {
  for (const float scale : {0.0F, -1.0F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    op.inputs[0].scales = {scale};
    Refused(GLIMPSE_INVALID_NODE, "scale");
  }
}
TEST_F(ConvRejections, OfAZeroPointOutsideOfInt8) {
  op.inputs[0].zero_points = {128};
  Refused(GLIMPSE_INVALID_NODE, "zero point");
}
TEST_F(ConvRejections, OfAFilterLargerThanTheInput) {
  options.dilation_height = 4;
  Refused(GLIMPSE_INVALID_NODE, "height");
}
TEST_F(ConvRejections, OfHugeDilations) {
  options.padding = GLIMPSE_PADDING_SAME;
  options.dilation_width = std::numeric_limits<int32_t>::max();
  Refused(GLIMPSE_UNSUPPORTED, "width");
}
TEST_F(ConvRejections, OfAFusedTanh) {
  options.activation = GLIMPSE_ACT_TANH;
  Refused(GLIMPSE_UNSUPPORTED, "fused_activation_function");
}
TEST_F(ConvRejections, OfAnEffectiveScaleBeyondFixedPoint) {
  op.inputs[0].scales = {1e30F};
  Refused(GLIMPSE_UNSUPPORTED, "2^30");
}
TEST_F(ConvRejections, OfATensorWithoutElements) {
  op.inputs[0].dims = {0, 4, 4, 2};
  Refused(GLIMPSE_UNSUPPORTED, "without elements");
}
TEST_F(ConvRejections, LeaveTheKernelGoodForAnotherPrepare) {
  op.inputs[0].dims = {4, 4, 2};
  Refused(GLIMPSE_INVALID_NODE, "rank");
  op.inputs[0].dims = {1, 4, 4, 2};
  EXPECT_EQ(op.Prepare(), GLIMPSE_OK) << op.message();
}

void ExpectRefused(OpRunner& op, glimpse_status status, const char* words) {
  EXPECT_EQ(op.Prepare(), status) << op.message();
  EXPECT_THAT(op.message(), HasSubstr(words));
}

TEST_F(ConvRejections, OfInt16WithAZeroPoint) {
  op.inputs[0].dtype = GLIMPSE_INT16;
  op.output.dtype = GLIMPSE_INT16;
  op.inputs[0].zero_points = {1};
  op.inputs.pop_back();
  Refused(GLIMPSE_INVALID_NODE, "must be 0");
}
TEST_F(ConvRejections, OfABiasThatTheOptionsDoNotName) {
  op.inputs[0].dtype = GLIMPSE_INT16;
  op.output.dtype = GLIMPSE_INT16;
  Refused(GLIMPSE_UNSUPPORTED, "int64");
  options.quantized_bias_type = GLIMPSE_INT16;
  Refused(GLIMPSE_UNSUPPORTED, "quantized_bias_type");
}
TEST_F(ConvRejections, OfUint8WithInt8Weights) {
  op.inputs[0].dtype = GLIMPSE_UINT8;
  op.output.dtype = GLIMPSE_UINT8;
  Refused(GLIMPSE_UNSUPPORTED, "uint8 with uint8");
}
TEST_F(ConvRejections, OfAnInt8OutputOfFloats) {
  op.inputs[0].dtype = GLIMPSE_FLOAT32;
  Refused(GLIMPSE_UNSUPPORTED, "output 0");
}

TEST(Rejections, TransposeConvOfSizesThatDoNotGoTogether) {
  OpRunner op("tflite.TRANSPOSE_CONV");
  op.inputs = {Const32({4}, {1, 4, 4, 3}), Int8({3, 2, 2, 2}, 1, 0, std::vector<int8_t>(24, 1)),
               Int8({1, 2, 2, 2}, 1, 0)};
  op.inputs[1].constant = true;
  op.output = Int8({1, 4, 4, 3}, 1, 0);
  glimpse_transpose_conv_options options{0, GLIMPSE_PADDING_SAME, 2, 2, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
  op.SetOptions(options);
  EXPECT_EQ(op.Prepare(), GLIMPSE_OK) << op.message();
  for (const std::vector<int32_t>& shape :
       {std::vector<int32_t>{1, 4, 4, 2}, {2, 4, 4, 3}, {1, 0, 4, 3}, {1, 4, -4, 3}}) {
    op.inputs[0] = Const32({4}, shape);
    ExpectRefused(op, GLIMPSE_INVALID_NODE, "output shape");
  }
  op.inputs[0] = Const32({4}, {1, 2147483647, 2147483647, 3});
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "too large");
  op.inputs[0] = Const32({3}, {1, 4, 4});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "output shape");
  op.inputs[0] = Const32({4}, {1, 4, 4, 3});
  options.stride_height = 2147483647;
  op.SetOptions(options);
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "too large");
  options.stride_height = 2;
  op.SetOptions(options);
  op.inputs[2].dims = {1, 2, 2, 1};
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "channels");
  op.inputs[2].dims = {1, 2, 2, 2};
  op.inputs[0].constant = false;
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "constant");
}

TEST(Rejections, HybridConvOfWeightsThatTheVectorCodeGetsWrong) {
  OpRunner op("tflite.CONV_2D");
  op.inputs = {Int8({1, 1, 1, 2}, 1, 0), Int8({1, 1, 1, 2}, 1, 0, {1, -128})};
  op.inputs[0].dtype = GLIMPSE_FLOAT32;
  op.inputs[1].constant = true;
  op.output = Int8({1, 1, 1, 1}, 1, 0);
  op.output.dtype = GLIMPSE_FLOAT32;
  op.SetOptions(glimpse_conv_2d_options{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32});
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "-128");
}

TEST(Rejections, ReshapeToAnotherNumberOfElements) {
  OpRunner op("tflite.RESHAPE");
  op.inputs = {Int8({2, 3}, 1, 0), Const32({2}, {4, -1})};
  op.output = Int8({}, 1, 0);
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "divided");
  op.inputs[1] = Const32({3}, {2147483647, 2147483647, 2147483647});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "elements");
  op.inputs[1] = Const32({2}, {-1, -1});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "more than one -1");
  op.inputs[1].constant = false;
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "constant");
}

TEST(Rejections, PadWithNegativeOrHugePaddings) {
  OpRunner op("tflite.PAD");
  op.inputs = {Int8({2}, 1, 0), Const32({1, 2}, {-1, 0})};
  op.output = Int8({}, 1, 0);
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "paddings");
  op.inputs[1] = Const32({1, 2}, {2147483647, 2147483647});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "dimension");
  op.inputs[1] = Const32({2, 1}, {1, 1});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "[1,2]");
}

TEST(Rejections, StridedSliceWithAStrideOfZeroOrOutside) {
  OpRunner op("tflite.STRIDED_SLICE");
  op.inputs = {Int8({4}, 1, 0), Const32({1}, {0}), Const32({1}, {4}), Const32({1}, {0})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_strided_slice_options{});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "strides");
  op.inputs[3] = Const32({1}, {1});
  op.inputs[1] = Const32({1}, {4});
  glimpse_strided_slice_options shrink{};
  shrink.shrink_axis_mask = 1;
  op.SetOptions(shrink);
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "picks nothing");
  op.inputs[1] = Const32({2}, {0, 0});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "elements");
}

TEST(Rejections, MeanOverADimensionThatIsNotThere) {
  OpRunner op("tflite.MEAN");
  op.inputs = {Int8({2, 3}, 1, 0), Const32({1}, {2})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_reducer_options{});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "axis");
}

TEST(Rejections, ConcatenationThatWouldRescale) {
  OpRunner op("tflite.CONCATENATION");
  op.inputs = {Int8({2}, 1, 0), Int8({2}, 2, 0)};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_concatenation_options{});
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "rescale");
}

TEST(Rejections, AddOfShapesThatCannotBeBroadcast) {
  OpRunner op("tflite.ADD");
  op.inputs = {Int8({2}, 1, 0), Int8({3}, 1, 0)};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_elementwise_options{});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "broadcast");
  op.inputs[1] = Int8({2}, 1e9F, 0);
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "2^19");
}

TEST(Rejections, SoftmaxWithAnotherOutputScale) {
  OpRunner op("tflite.SOFTMAX");
  op.inputs = {Int8({2}, 1, 0)};
  op.output = Int8({}, 1.0F / 128, -128);
  op.SetOptions(glimpse_softmax_options{0, 1});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "1/256");
  op.output = Int8({}, 1.0F / 256, -128);
  op.SetOptions(glimpse_softmax_options{0, -1});
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "beta");
}

TEST(Rejections, FullyConnectedWithShuffledWeights) {
  OpRunner op("tflite.FULLY_CONNECTED");
  op.inputs = {Int8({1, 2}, 1, 0), Int8({1, 2}, 1, 0, {1, 1})};
  op.inputs[1].constant = true;
  op.output = Int8({}, 1, 0);
  glimpse_fully_connected_options options{};
  options.weights_format = 1;
  op.SetOptions(options);
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "weights_format");
  op.SetOptions(glimpse_fully_connected_options{});
  op.inputs[0] = Int8({1, 3}, 1, 0);
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "columns");
}

TEST(Where, RefusesScalarsOtherOutputsAndTheProfileWithoutIt) {
  const auto refused = [](glimpse_dtype input, std::vector<int32_t> dims, glimpse_dtype output, const char* numerics) {
    OpRunner op("tflite.WHERE", numerics);
    op.inputs = {Const32(std::move(dims), {})};
    op.inputs[0].dtype = input;
    op.inputs[0].constant = false;
    op.output = Const32({}, {});
    op.output.dtype = output;
    return std::pair(op.Prepare(), op.message());
  };
  auto [status, message] = refused(GLIMPSE_BOOL, {}, GLIMPSE_INT64, "litert-reference");
  EXPECT_EQ(status, GLIMPSE_INVALID_NODE);
  EXPECT_THAT(message, HasSubstr("its rank must be 1 to 8"));
  std::tie(status, message) = refused(GLIMPSE_BOOL, {2}, GLIMPSE_INT32, "litert-reference");
  EXPECT_EQ(status, GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(message, HasSubstr("output 0"));
  std::tie(status, message) = refused(GLIMPSE_BOOL, {2}, GLIMPSE_INT64, "tflite-micro");
  EXPECT_EQ(status, GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(message, HasSubstr("TFLite Micro has no kernel for WHERE"));
}

}  // namespace
}  // namespace glimpse::testkit
