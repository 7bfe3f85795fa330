// SPDX-License-Identifier: Apache-2.0
// FULLY_CONNECTED beyond int8, BATCH_MATMUL and EMBEDDING_LOOKUP through the plugin's C ABI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<int8_t>;
using Dims = std::vector<int32_t>;
using Floats = std::vector<float>;

template <typename T>
OpTensor Typed(glimpse_dtype dtype, Dims dims, float scale, int64_t zero_point, const std::vector<T>& content = {}) {
  OpTensor tensor;
  tensor.dtype = dtype;
  tensor.dims = std::move(dims);
  tensor.scales = {scale};
  tensor.zero_points = {zero_point};
  return tensor.Content(content);
}

OpTensor F32(Dims dims, const Floats& content = {}) {
  OpTensor tensor = Typed<float>(GLIMPSE_FLOAT32, std::move(dims), 1, 0, content);
  tensor.scales.clear();
  tensor.zero_points.clear();
  return tensor;
}

OpTensor Constant(OpTensor tensor) {
  tensor.constant = true;
  return tensor;
}

TEST(FullyConnected, CentresUint8WeightsToo) {
  OpRunner op("tflite.FULLY_CONNECTED");
  // (130 - 128) * (131 - 130) + (126 - 128) * (127 - 130) = 2 + 6 = 8, times 0.5 * 0.5 / 1 = 2, zero point 100.
  op.inputs = {Typed<uint8_t>(GLIMPSE_UINT8, {1, 2}, 0.5F, 128, {130, 126}),
               Constant(Typed<uint8_t>(GLIMPSE_UINT8, {1, 2}, 0.5F, 130, {131, 127}))};
  op.output = Typed<uint8_t>(GLIMPSE_UINT8, {1, 1}, 1, 100);
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{102}));
}

TEST(FullyConnected, SumsInt16InSixtyFourBits) {
  OpRunner op("tflite.FULLY_CONNECTED");
  // 300 * 127 * 32767 leaves int32; times 2^-16 it is 19049.2.
  op.inputs = {Typed<int16_t>(GLIMPSE_INT16, {1, 300}, 1, 0, std::vector<int16_t>(300, 32767)),
               Constant(Int8({1, 300}, 1, 0, Bytes(300, 127)))};
  op.output = Typed<int16_t>(GLIMPSE_INT16, {1, 1}, 65536, 0);
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Run<int16_t>(), (std::vector<int16_t>{19049}));
}

TEST(FullyConnected, ComputesFloatsInOrderAndClamps) {
  OpRunner op("tflite.FULLY_CONNECTED");
  op.inputs = {F32({1, 2}, {1, 2}), F32({2, 2}, {3, 4, -5, 0}), F32({2}, {0.5F, 1})};
  op.output = F32({1, 2});
  glimpse_fully_connected_options options{};
  options.activation = GLIMPSE_ACT_RELU;
  op.SetOptions(options);
  EXPECT_EQ(op.Run<float>(), (Floats{11.5F, 0}));
}

TEST(FullyConnected, QuantizesFloatRowsForIntegerWeights) {
  OpRunner op("tflite.FULLY_CONNECTED");
  // Row 127, -63.5: scale 1, stored 127 and -64 (half away from zero). 127 * 2 - 64 * 1 = 190, times 0.5 = 95.
  op.inputs = {F32({1, 2}, {127, -63.5F}), Constant(Int8({1, 2}, 0.5F, 0, {2, 1}))};
  op.output = F32({1, 1});
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Run<float>(), (Floats{95}));
}

TEST(FullyConnected, RefusesHybridWeightsOfMinus128) {
  OpRunner op("tflite.FULLY_CONNECTED");
  op.inputs = {F32({1, 2}, {1, 1}), Constant(Int8({1, 2}, 0.5F, 0, {2, -128}))};
  op.output = F32({1, 1});
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Prepare(), GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(op.message(), HasSubstr("-128"));
}

TEST(FullyConnected, RefusesWhatTfliteMicroLacks) {
  OpRunner op("tflite.FULLY_CONNECTED", "tflite-micro");
  op.inputs = {Typed<uint8_t>(GLIMPSE_UINT8, {1, 1}, 1, 0, {1}),
               Constant(Typed<uint8_t>(GLIMPSE_UINT8, {1, 1}, 1, 0, {1}))};
  op.output = Typed<uint8_t>(GLIMPSE_UINT8, {1, 1}, 1, 0);
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Prepare(), GLIMPSE_UNSUPPORTED);
  EXPECT_THAT(op.message(), HasSubstr("TFLite Micro"));
}

TEST(FullyConnected, ClearsTheOutputOfRowsWithoutElements) {
  OpRunner op("tflite.FULLY_CONNECTED");
  op.inputs = {Int8({2, 0}, 1, 0), Constant(Int8({3, 0}, 1, 0))};
  op.output = Int8({2, 3}, 1, 5);
  op.SetOptions(glimpse_fully_connected_options{});
  EXPECT_EQ(op.Run(), Bytes(6, 0));
  EXPECT_EQ(op.shape(), (Dims{2, 3}));
}

TEST(BatchMatMul, MultipliesCentredMatrices) {
  OpRunner op("tflite.BATCH_MATMUL");
  // Left minus 1: [1 2; 3 4]; right plus 1: [1 0; 2 1]. [5 2; 11 4].
  op.inputs = {Int8({2, 2}, 1, 1, {2, 3, 4, 5}), Int8({2, 2}, 1, -1, {0, -1, 1, 0})};
  op.output = Int8({2, 2}, 1, 0);
  op.SetOptions(glimpse_batch_matmul_options{});
  EXPECT_EQ(op.Run(), (Bytes{5, 2, 11, 4}));
  EXPECT_EQ(op.macs(), 8u);
}

TEST(BatchMatMul, BroadcastsAndTransposes) {
  OpRunner op("tflite.BATCH_MATMUL");
  // Two batches of [1 2] and [3 4], given as columns, times one matrix [1 1; 10 0], given transposed.
  op.inputs = {F32({2, 2, 1}, {1, 2, 3, 4}), F32({2, 2}, {1, 10, 1, 0})};
  op.output = F32({2, 1, 2});
  op.SetOptions(glimpse_batch_matmul_options{0, 1, 1, 0});
  EXPECT_EQ(op.Run<float>(), (Floats{21, 1, 43, 3}));
  EXPECT_EQ(op.shape(), (Dims{2, 1, 2}));
}

TEST(BatchMatMul, RefusesShapesThatDoNotFit) {
  OpRunner op("tflite.BATCH_MATMUL");
  op.inputs = {F32({2, 3}), F32({2, 2})};
  op.output = F32({2, 2});
  op.SetOptions(glimpse_batch_matmul_options{});
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("inner"));
  op.inputs = {F32({2, 2, 2}), F32({3, 2, 2})};
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("equal or 1"));
  op.inputs = {F32({2}), F32({2, 2})};
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
}

TEST(EmbeddingLookup, CopiesRows) {
  OpRunner op("tflite.EMBEDDING_LOOKUP");
  op.inputs = {Const32({3}, {1, 0, 1}), Int8({2, 2}, 1, 0, {1, 2, 3, 4})};
  op.output = Int8({3, 2}, 1, 0);
  EXPECT_EQ(op.Run(), (Bytes{3, 4, 1, 2, 3, 4}));
}

TEST(EmbeddingLookup, ScalesRowsByTheirOwnScale) {
  OpRunner op("tflite.EMBEDDING_LOOKUP");
  OpTensor table = Constant(Int8({2, 2}, 1, 0, {1, 2, 3, -4}));
  table.scales = {0.5F, 2};
  table.zero_points = {0, 0};
  op.inputs = {Const32({2}, {1, 0}), table};
  op.output = F32({2, 2});
  EXPECT_EQ(op.Run<float>(), (Floats{6, -8, 0.5F, 1}));
}

TEST(EmbeddingLookup, RefusesAZeroPoint) {
  OpRunner op("tflite.EMBEDDING_LOOKUP");
  op.inputs = {Const32({1}, {0}), Constant(Int8({1, 2}, 1, 3, {1, 2}))};
  op.output = F32({1, 2});
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("zero point"));
}

}  // namespace
}  // namespace glimpse::testkit
