// SPDX-License-Identifier: Apache-2.0
// Pooling, reductions, choices and resizing through the plugin's C ABI: hand-worked examples and refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/topk/topk.h"
#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<int8_t>;
using Dims = std::vector<int32_t>;
using Floats = std::vector<float>;

// A tensor without quantization.
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
OpTensor Float(Dims dims, const Floats& content = {}) { return Plain(GLIMPSE_FLOAT32, std::move(dims), content); }

template <typename T>
OpTensor Quantized(glimpse_dtype dtype, Dims dims, float scale, int64_t zero_point,
                   const std::vector<T>& content = {}) {
  OpTensor tensor = Plain(dtype, std::move(dims), content);
  tensor.scales = {scale};
  tensor.zero_points = {zero_point};
  return tensor;
}

void Refused(OpRunner& op, glimpse_status status, const char* words) {
  EXPECT_EQ(op.Prepare(), status) << op.message();
  EXPECT_THAT(op.message(), HasSubstr(words));
}

glimpse_pool_2d_options Pool(int32_t size, int32_t stride, glimpse_activation activation = GLIMPSE_ACT_NONE) {
  return {0, GLIMPSE_PADDING_VALID, stride, stride, size, size, activation};
}

TEST(MaxPool2D, ServesEveryType) {
  OpRunner op("tflite.MAX_POOL_2D");
  op.SetOptions(Pool(2, 2));
  op.inputs = {Quantized<uint8_t>(GLIMPSE_UINT8, {1, 2, 2, 1}, 1, 128, {200, 3, 4, 255})};
  op.output = Quantized<uint8_t>(GLIMPSE_UINT8, {}, 1, 128);
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{255}));
  op.inputs = {Quantized<int16_t>(GLIMPSE_INT16, {1, 2, 2, 1}, 1, 0, {-300, -3000, -32768, -299})};
  op.output = Quantized<int16_t>(GLIMPSE_INT16, {}, 1, 0);
  EXPECT_EQ(op.Run<int16_t>(), (std::vector<int16_t>{-299}));
  op.inputs = {Float({1, 2, 2, 1}, {-1.5F, std::nanf(""), -2, -3})};
  op.output = Float({});
  EXPECT_EQ(op.Run<float>(), (Floats{-1.5F}));
}

// 6 / 0.8 = 7.5. TFLite rounds it to 8 before it adds the zero point 1; XNNPACK rounds 8.5 to the even 8.
TEST(MaxPool2D, RoundsTheBoundOfRelu6AsTheProfileDoes) {
  const auto largest = [](const char* profile, int32_t stride) {
    OpRunner op("tflite.MAX_POOL_2D", profile);
    op.inputs = {Int8({1, 2, 2, 1}, 0.8F, 1, {100, 0, 0, 0})};
    op.output = Int8({}, 0.8F, 1);
    op.SetOptions(Pool(2, stride, GLIMPSE_ACT_RELU6));
    return op.Run();
  };
  EXPECT_EQ(largest("litert-reference", 2), (Bytes{9}));
  EXPECT_EQ(largest("litert-xnnpack", 2), (Bytes{8}));
  // XNNPACK does not take windows with gaps between them.
  EXPECT_EQ(largest("litert-xnnpack", 3), (Bytes{9}));
}

TEST(AveragePool2D, RoundsAwayFromZeroInUnsignedTypesToo) {
  OpRunner op("tflite.AVERAGE_POOL_2D");
  op.SetOptions(Pool(2, 2));
  op.inputs = {Quantized<uint8_t>(GLIMPSE_UINT8, {1, 2, 2, 1}, 1, 0, {1, 2, 3, 4})};
  op.output = Quantized<uint8_t>(GLIMPSE_UINT8, {}, 1, 0);
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{3}));  // 10 / 4
  op.inputs = {Float({1, 2, 2, 1}, {1, 2, 3, 4})};
  op.output = Float({});
  EXPECT_EQ(op.Run<float>(), (Floats{2.5F}));
}

TEST(L2Pool2D, IsTheRootOfTheMeanSquare) {
  OpRunner op("tflite.L2_POOL_2D");
  op.SetOptions(Pool(2, 2));
  op.inputs = {Float({1, 2, 2, 1}, {1, -1, 5, 3})};
  op.output = Float({});
  EXPECT_EQ(op.Run<float>(), (Floats{3}));  // sqrt(36 / 4)
  op.inputs = {Int8({1, 2, 2, 1}, 1, 0)};
  op.output = Int8({}, 1, 0);
  Refused(op, GLIMPSE_UNSUPPORTED, "float32");
}

TEST(Mean, OfIntegersIsCutTowardsZero) {
  OpRunner op("tflite.MEAN");
  op.SetOptions(glimpse_reducer_options{});
  op.inputs = {Plain<int32_t>(GLIMPSE_INT32, {2, 3}, {1, 2, 4, -1, -2, -5}), Const32({1}, {1})};
  op.output = Plain<int32_t>(GLIMPSE_INT32, {});
  EXPECT_EQ(op.Run<int32_t>(), (Dims{2, -2}));  // 7 / 3, -8 / 3
}

TEST(Mean, OverNothingIsNotANumber) {
  OpRunner op("tflite.MEAN");
  op.SetOptions(glimpse_reducer_options{});
  op.inputs = {Float({2, 0}), Const32({1}, {1})};
  op.output = Float({});
  for (const float mean : op.Run<float>()) EXPECT_TRUE(std::isnan(mean));
  EXPECT_EQ(op.shape(), (Dims{2}));
}

// 1 + 2 + 6 = 9 over 2 is a tie; XNNPACK takes the even neighbour, the reference goes away from zero.
TEST(Sum, RoundsTiesAsTheProfileDoes) {
  const auto sum = [](const char* profile) {
    OpRunner op("tflite.SUM", profile);
    op.inputs = {Quantized<uint8_t>(GLIMPSE_UINT8, {3}, 0.5F, 0, {1, 2, 6}), Const32({1}, {0})};
    op.output = Quantized<uint8_t>(GLIMPSE_UINT8, {}, 1, 0);
    op.SetOptions(glimpse_reducer_options{});
    return op.Run<uint8_t>();
  };
  EXPECT_EQ(sum("litert-reference"), (std::vector<uint8_t>{5}));
  EXPECT_EQ(sum("litert-xnnpack"), (std::vector<uint8_t>{4}));
}

// LiteRT's reference kernel reads -6 as 250: 259 stays 255, which is -1. TFLite Micro adds as one expects.
TEST(Sum, OfInt8ReadsUint8UnderTheReference) {
  const auto sum = [](const char* profile) {
    OpRunner op("tflite.SUM", profile);
    op.inputs = {Int8({3}, 1, 0, {4, 5, -6}), Const32({1}, {0})};
    op.output = Int8({}, 1, 0);
    op.SetOptions(glimpse_reducer_options{});
    return op.Run();
  };
  EXPECT_EQ(sum("litert-reference"), (Bytes{-1}));
  EXPECT_EQ(sum("tflite-micro"), (Bytes{3}));
}

TEST(Sum, OfInt16IsUndefinedUnderTheReference) {
  OpRunner op("tflite.SUM");
  op.inputs = {Quantized<int16_t>(GLIMPSE_INT16, {3}, 1, 0), Const32({1}, {0})};
  op.output = Quantized<int16_t>(GLIMPSE_INT16, {}, 1, 0);
  op.SetOptions(glimpse_reducer_options{});
  Refused(op, GLIMPSE_UNSUPPORTED, "int16");
}

TEST(ReduceProd, WrapsIntegersAndRescalesEachQuantizedStep) {
  OpRunner op("tflite.REDUCE_PROD");
  op.SetOptions(glimpse_reducer_options{0, 1});
  op.inputs = {Plain<int32_t>(GLIMPSE_INT32, {3}, {1 << 20, 1 << 11, 3}), Const32({1}, {-1})};
  op.output = Plain<int32_t>(GLIMPSE_INT32, {});
  EXPECT_EQ(op.Run<int32_t>(), (Dims{INT32_MIN}));  // 3 * 2^31
  EXPECT_EQ(op.shape(), (Dims{1}));
  // 1.5 * 2 at scale 0.5, output scale 0.25: a step has 0.5 / sqrt(0.25) = 1, so 3 * 4 = 12.
  op.inputs = {Int8({2}, 0.5F, 1, {4, 5}), Const32({1}, {0})};
  op.output = Int8({}, 0.25F, -2);
  EXPECT_EQ(op.Run(), (Bytes{10}));
}

TEST(ReduceMax, JoinsAxesInAnyOrderAndTwice) {
  OpRunner op("tflite.REDUCE_MAX");
  op.SetOptions(glimpse_reducer_options{});
  op.inputs = {Int8({2, 2, 2}, 1, 3, {1, 2, 3, 4, 5, 6, 7, -8}), Const32({3}, {-1, 0, 2})};
  op.output = Int8({}, 1, 3);
  EXPECT_EQ(op.Run(), (Bytes{6, 7}));
  op.inputs[1] = Const32({1}, {3});
  Refused(op, GLIMPSE_INVALID_NODE, "axis");
  op.inputs[1] = Const32({1}, {0});
  op.output = Int8({}, 2, 3);
  Refused(op, GLIMPSE_UNSUPPORTED, "rescale");
}

TEST(ReduceMax, OfAScalarIgnoresTheAxes) {
  OpRunner op("tflite.REDUCE_MAX");
  op.SetOptions(glimpse_reducer_options{});
  op.inputs = {Float({}, {-7}), Const32({1}, {5})};
  op.output = Float({});
  EXPECT_EQ(op.Run<float>(), (Floats{-7}));
}

TEST(ReduceMin, OverNothingIsTheLargestNumber) {
  OpRunner op("tflite.REDUCE_MIN");
  op.SetOptions(glimpse_reducer_options{});
  op.inputs = {Plain<int64_t>(GLIMPSE_INT64, {0, 2}), Const32({1}, {0})};
  op.output = Plain<int64_t>(GLIMPSE_INT64, {});
  EXPECT_EQ(op.Run<int64_t>(), (std::vector<int64_t>(2, INT64_MAX)));
}

TEST(ReduceAllAndAny, AreOfBoolAlone) {
  for (const bool all : {true, false}) {
    OpRunner op(all ? "tflite.REDUCE_ALL" : "tflite.REDUCE_ANY");
    op.SetOptions(glimpse_reducer_options{});
    op.inputs = {Plain<uint8_t>(GLIMPSE_BOOL, {3, 2}, {0, 0, 1, 0, 1, 1}), Const32({1}, {1})};
    op.output = Plain<uint8_t>(GLIMPSE_BOOL, {});
    EXPECT_EQ(op.Run<uint8_t>(), (all ? std::vector<uint8_t>{0, 0, 1} : std::vector<uint8_t>{0, 1, 1}));
    op.inputs[0].dtype = GLIMPSE_UINT8;
    op.output.dtype = GLIMPSE_UINT8;
    Refused(op, GLIMPSE_UNSUPPORTED, "bool");
  }
}

TEST(ReduceAllAndAny, TakeEveryByteButZeroForTrueAndWriteOne) {
  for (const bool all : {true, false}) {
    OpRunner op(all ? "tflite.REDUCE_ALL" : "tflite.REDUCE_ANY");
    op.SetOptions(glimpse_reducer_options{});
    op.inputs = {Plain<uint8_t>(GLIMPSE_BOOL, {2, 1}, {11, 200}), Const32({1}, {1})};
    op.output = Plain<uint8_t>(GLIMPSE_BOOL, {});
    const std::vector<uint8_t> result = op.Run<uint8_t>();
    EXPECT_THAT(result, testing::Each(testing::Ne(0)));
  }
}

TEST(ArgMax, OfBoolFindsTheFirstTrue) {
  OpRunner op("tflite.ARG_MAX");
  op.SetOptions(glimpse_arg_min_max_options{0, GLIMPSE_INT32});
  op.inputs = {Plain<uint8_t>(GLIMPSE_BOOL, {1, 4}, {0, 3, 1, 255}), Const32({1}, {1})};
  op.output = Plain<int32_t>(GLIMPSE_INT32, {});
  EXPECT_EQ(op.Run<int32_t>(), (Dims{1}));
}

TEST(ArgMax, TakesTheFirstOfEqualsAndSkipsNan) {
  OpRunner op("tflite.ARG_MAX");
  op.SetOptions(glimpse_arg_min_max_options{0, GLIMPSE_INT32});
  op.inputs = {Float({3, 2}, {std::nanf(""), 1, 2, 1, 2, 0}), Const32({1}, {0})};
  op.output = Plain<int32_t>(GLIMPSE_INT32, {});
  EXPECT_EQ(op.Run<int32_t>(), (Dims{1, 0}));
  op.SetOptions(glimpse_arg_min_max_options{0, GLIMPSE_INT64});
  Refused(op, GLIMPSE_UNSUPPORTED, "int64");  // the output is int32
  op.inputs[0].dims = {3, 0};
  op.inputs[1] = Const32({1}, {1});
  op.SetOptions(glimpse_arg_min_max_options{0, GLIMPSE_INT32});
  Refused(op, GLIMPSE_INVALID_NODE, "nothing to choose");
}

TEST(ArgMin, WritesInt64WhenAsked) {
  OpRunner op("tflite.ARG_MIN");
  op.SetOptions(glimpse_arg_min_max_options{0, GLIMPSE_INT64});
  op.inputs = {Int8({2, 3}, 1, 0, {5, 4, 4, -1, 0, -1}), Const32({}, {-1})};
  op.output = Plain<int64_t>(GLIMPSE_INT64, {});
  EXPECT_EQ(op.Run<int64_t>(), (std::vector<int64_t>{1, 0}));
}

TEST(TopK, OrdersEqualsByPosition) {
  const int8_t row[] = {3, 9, 3, 9, -1};
  int32_t order[5];
  int8_t values[4];
  int16_t indices[4];
  kernels::TopKRef<int8_t, int16_t>(1, 5, 4, row, order, values, indices);
  EXPECT_EQ(std::vector<int8_t>(values, values + 4), (Bytes{9, 9, 3, 3}));
  EXPECT_EQ(std::vector<int16_t>(indices, indices + 4), (std::vector<int16_t>{1, 3, 0, 2}));
}

TEST(TopK, NeverLeavesARowOfNan) {
  Floats row(100, std::nanf(""));
  row[7] = 1;
  std::vector<int32_t> order(100);
  Floats values(100);
  std::vector<int32_t> indices(100);
  kernels::TopKRef<float, int32_t>(1, 100, 100, row.data(), order.data(), values.data(), indices.data());
  std::sort(indices.begin(), indices.end());
  for (int32_t i = 0; i < 100; ++i) EXPECT_EQ(indices[static_cast<size_t>(i)], i);
}

TEST(Cumsum, AddsForwardsAndBackwards) {
  OpRunner op("tflite.CUMSUM");
  op.inputs = {Plain<int32_t>(GLIMPSE_INT32, {1, 3}, {1, 2, INT32_MAX}), Const32({1}, {-1})};
  op.output = Plain<int32_t>(GLIMPSE_INT32, {});
  op.SetOptions(glimpse_cumsum_options{});
  EXPECT_EQ(op.Run<int32_t>(), (Dims{1, 3, INT32_MIN + 2}));
  op.SetOptions(glimpse_cumsum_options{0, 1, 1});
  EXPECT_EQ(op.Run<int32_t>(), (Dims{INT32_MIN + 1, INT32_MAX, 0}));
  op.inputs[1] = Const32({1}, {2});
  Refused(op, GLIMPSE_INVALID_NODE, "axis");
}

TEST(ResizeNearestNeighbor, RepeatsPixels) {
  OpRunner op("tflite.RESIZE_NEAREST_NEIGHBOR");
  op.inputs = {Int8({1, 1, 2, 1}, 1, 0, {1, 2}), Const32({2}, {2, 4})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_resize_options{});
  EXPECT_EQ(op.Run(), (Bytes{1, 1, 2, 2, 1, 1, 2, 2}));
  EXPECT_EQ(op.shape(), (Dims{1, 2, 4, 1}));
  op.inputs[1] = Const32({2}, {2, 0});
  Refused(op, GLIMPSE_INVALID_NODE, "size");
}

// Half way between 0 and 3 lies 1.5: the reference goes away from zero (uint8 adds a half), XNNPACK rounds up.
TEST(ResizeBilinear, RoundsTies) {
  const auto middle = [](const char* profile, int8_t right) {
    OpRunner op("tflite.RESIZE_BILINEAR", profile);
    op.inputs = {Int8({1, 1, 2, 1}, 1, 0, {0, right}), Const32({2}, {1, 3})};
    op.output = Int8({1, 1, 3, 1}, 1, 0);
    op.SetOptions(glimpse_resize_options{0, 1, 0});
    return op.Run();
  };
  EXPECT_EQ(middle("litert-reference", 3), (Bytes{0, 2, 3}));
  EXPECT_EQ(middle("litert-reference", -3), (Bytes{0, -2, -3}));
  EXPECT_EQ(middle("litert-xnnpack", -3), (Bytes{0, -1, -3}));
}

TEST(ResizeBilinear, RefusesBothOptionsAndScalesThatLeadBeyondTheInput) {
  OpRunner op("tflite.RESIZE_BILINEAR");
  op.inputs = {Int8({1, 1, 3, 1}, 1, 0), Const32({2}, {1, 4})};
  op.output = Int8({}, 1, 0);
  op.SetOptions(glimpse_resize_options{0, 1, 1});
  Refused(op, GLIMPSE_INVALID_NODE, "only one");
  op.SetOptions(glimpse_resize_options{});
  op.inputs[1] = Const32({2}, {1, 2000});  // (1024 * 3 + 1000) / 2000 = 2, and 1999 * 2 / 1024 = 3
  Refused(op, GLIMPSE_UNSUPPORTED, "beyond");
}

}  // namespace
}  // namespace glimpse::testkit
