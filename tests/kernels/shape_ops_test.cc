// SPDX-License-Identifier: Apache-2.0
// Operators that move data through the plugin's C ABI: hand-worked examples and refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "kernels/where/where.h"
#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<int8_t>;
using Dims = std::vector<int32_t>;

OpTensor Moved(Dims dims, const Bytes& content = {}) { return Int8(std::move(dims), 1, 0, content); }

OpTensor Unsigned(Dims dims, float scale, int64_t zero_point, const std::vector<uint8_t>& content = {}) {
  OpTensor tensor = Int8(std::move(dims), scale, zero_point);
  tensor.dtype = GLIMPSE_UINT8;
  tensor.Content(content);
  return tensor;
}

OpTensor Bare(glimpse_dtype type) {
  OpTensor tensor = Const32({}, {});
  tensor.constant = false;
  tensor.dtype = type;
  return tensor;
}

OpTensor Indices(Dims dims, const std::vector<int32_t>& content) {
  OpTensor tensor = Const32(std::move(dims), content);
  tensor.constant = false;
  return tensor;
}

void ExpectRefused(OpRunner& op, glimpse_status status, const char* words) {
  EXPECT_EQ(op.Prepare(), status) << op.message();
  EXPECT_THAT(op.message(), HasSubstr(words));
}

TEST(Transpose, PutsDimensionsInTheOrderNamed) {
  OpRunner op("tflite.TRANSPOSE");
  op.inputs = {Moved({2, 3}, {1, 2, 3, 4, 5, 6}), Const32({2}, {1, 0})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(op.shape(), (Dims{3, 2}));
}

TEST(Transpose, RefusesAnOrderThatIsNoPermutation) {
  OpRunner op("tflite.TRANSPOSE");
  op.inputs = {Moved({2, 3}), Const32({2}, {1, 1})};
  op.output = Moved({});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "twice");
  op.inputs[1] = Const32({2}, {0, 2});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "perm");
  op.inputs[1] = Const32({1}, {0});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "rank 2");
}

TEST(Slice, TakesWhatIsLeftForMinusOne) {
  OpRunner op("tflite.SLICE");
  op.inputs = {Moved({2, 3}, {1, 2, 3, 4, 5, 6}), Const32({2}, {0, 1}), Const32({2}, {2, -1})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{2, 3, 5, 6}));
}

TEST(Slice, RefusesWhatLiesOutside) {
  OpRunner op("tflite.SLICE");
  op.inputs = {Moved({4}), Const32({1}, {2}), Const32({1}, {3})};
  op.output = Moved({});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "does not lie");
  op.inputs[1] = Const32({1}, {-1});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "does not lie");
}

TEST(Tile, RepeatsAlongEachDimension) {
  OpRunner op("tflite.TILE");
  op.inputs = {Moved({1, 2}, {1, 2}), Const32({2}, {2, 2})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{1, 2, 1, 2, 1, 2, 1, 2}));
}

TEST(Tile, RefusesSizesBeyondMemory) {
  OpRunner op("tflite.TILE");
  op.inputs = {Moved({1, 1, 1, 1}), Const32({4}, {2147483647, 2147483647, 2147483647, 2147483647})};
  op.output = Moved({});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "too large");
}

TEST(BroadcastTo, AlignsShapesAtTheirEnds) {
  OpRunner op("tflite.BROADCAST_TO");
  op.inputs = {Moved({2, 1}, {1, 2}), Const32({3}, {2, 2, 2})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{1, 1, 2, 2, 1, 1, 2, 2}));
  op.inputs[1] = Const32({2}, {3, 1});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "cannot become");
}

TEST(ReverseV2, TurnsTheNamedDimensionsRound) {
  OpRunner op("tflite.REVERSE_V2");
  op.inputs = {Moved({2, 3}, {1, 2, 3, 4, 5, 6}), Const32({1}, {-1})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{3, 2, 1, 6, 5, 4}));
}

TEST(Gather, TakesSlicesByIndex) {
  OpRunner op("tflite.GATHER");
  op.inputs = {Moved({3, 2}, {1, 2, 3, 4, 5, 6}), Indices({2}, {2, 0})};
  op.output = Moved({});
  op.SetOptions(glimpse_gather_options{});
  EXPECT_EQ(op.Run(), (Bytes{5, 6, 1, 2}));
}

TEST(ScatterNd, AddsWhereAnIndexOccursTwice) {
  OpRunner op("tflite.SCATTER_ND");
  op.inputs = {Indices({3, 1}, {1, 3, 1}), Moved({3}, {5, 6, 7}), Const32({1}, {4})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{0, 12, 0, 6}));
}

TEST(DynamicUpdateSlice, MovesTheSliceBackInside) {
  OpRunner op("tflite.DYNAMIC_UPDATE_SLICE");
  op.inputs = {Moved({4}, {1, 2, 3, 4}), Moved({2}, {8, 9}), Indices({1}, {7})};
  op.output = Moved({});
  EXPECT_EQ(op.Run(), (Bytes{1, 2, 8, 9}));
}

TEST(SpaceToDepth, PutsABlocksPixelsBehindEachOther) {
  OpRunner op("tflite.SPACE_TO_DEPTH");
  op.inputs = {Moved({1, 2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8})};
  op.output = Moved({});
  op.SetOptions(glimpse_block_size_options{0, 2});
  EXPECT_EQ(op.Run(), (Bytes{1, 2, 5, 6, 3, 4, 7, 8}));
  EXPECT_EQ(op.shape(), (Dims{1, 1, 2, 4}));
}

TEST(SpaceToBatch, PadsWithTheZeroPoint) {
  OpRunner op("tflite.SPACE_TO_BATCH_ND");
  op.inputs = {Int8({1, 3, 1}, 1, -5, {1, 2, 3}), Const32({1}, {2}), Const32({1, 2}, {1, 0})};
  op.output = Int8({}, 1, -5);
  // Padded: -5 1 2 3; the even ones, then the odd ones.
  EXPECT_EQ(op.Run(), (Bytes{-5, 2, 1, 3}));
}

TEST(SpaceToBatch, IsNotPaddedForMicroWhichLeavesTheValueToChance) {
  OpRunner op("tflite.SPACE_TO_BATCH_ND", "tflite-micro");
  op.inputs = {Moved({1, 3, 1}), Const32({1}, {2}), Const32({1, 2}, {1, 0})};
  op.output = Moved({});
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "memory happens to hold");
}

TEST(MirrorPad, ShowsTheEdgeOnceOrTwice) {
  OpRunner op("tflite.MIRROR_PAD");
  op.inputs = {Moved({3}, {1, 2, 3}), Const32({1, 2}, {2, 1})};
  op.output = Moved({});
  op.SetOptions(glimpse_mirror_pad_options{0, 0});
  EXPECT_EQ(op.Run(), (Bytes{3, 2, 1, 2, 3, 2}));
  op.SetOptions(glimpse_mirror_pad_options{0, 1});
  EXPECT_EQ(op.Run(), (Bytes{2, 1, 1, 2, 3, 3}));
  op.inputs[1] = Const32({1, 2}, {4, 0});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "too large");
}

TEST(Concatenation, RescalesUint8WithTiesAwayFromZero) {
  OpRunner op("tflite.CONCATENATION");
  op.inputs = {Unsigned({3}, 0.5F, 0, {1, 3, 255}), Unsigned({1}, 1, 10, {7})};
  op.output = Unsigned({}, 1, 10);
  op.SetOptions(glimpse_concatenation_options{});
  // 0.5, 1.5 and 127.5 are ties; the second input has the output's scale.
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{11, 12, 138, 7}));
}

TEST(Concatenation, CopiesInt16WhateverItsScale) {
  OpRunner op("tflite.CONCATENATION");
  OpTensor wide = Int8({2}, 0.5F, 0);
  wide.dtype = GLIMPSE_INT16;
  wide.Content(std::vector<int16_t>{300, -4});
  op.inputs = {wide};
  op.output = Int8({}, 1, 0);
  op.output.dtype = GLIMPSE_INT16;
  op.SetOptions(glimpse_concatenation_options{});
  EXPECT_EQ(op.Run<int16_t>(), (std::vector<int16_t>{300, -4}));
}

TEST(OneHot, MakesRowsOfOffForIndicesOutside) {
  OpRunner op("tflite.ONE_HOT");
  op.inputs = {Indices({3}, {1, -1, 9}), Const32({}, {2}), Moved({}, {7}), Moved({}, {-7})};
  op.output = Moved({});
  op.SetOptions(glimpse_one_hot_options{0, -1});
  EXPECT_EQ(op.Run(), (Bytes{-7, 7, -7, -7, -7, -7}));
  EXPECT_EQ(op.shape(), (Dims{3, 2}));
  op.inputs[1] = Const32({}, {-1});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "depth");
}

TEST(Range, StopsBeforeTheLimit) {
  OpRunner op("tflite.RANGE");
  op.inputs = {Const32({}, {5}), Const32({}, {0}), Const32({}, {-2})};
  op.output = Bare(GLIMPSE_INT32);
  EXPECT_EQ(op.Run<int32_t>(), (std::vector<int32_t>{5, 3, 1}));
  op.inputs[2] = Const32({}, {0});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "not possible");
  op.inputs[2] = Const32({}, {2});
  ExpectRefused(op, GLIMPSE_INVALID_NODE, "not possible");
}

TEST(ReverseSequence, TurnsEachBatchRoundByItsOwnLength) {
  OpRunner op("tflite.REVERSE_SEQUENCE");
  op.inputs = {Unsigned({2, 3}, 1, 0, {1, 2, 3, 4, 5, 6}), Indices({2}, {2, 3})};
  op.output = Unsigned({}, 1, 0);
  op.SetOptions(glimpse_reverse_sequence_options{0, 1, 0});
  EXPECT_EQ(op.Run<uint8_t>(), (std::vector<uint8_t>{2, 1, 3, 6, 5, 4}));
}

TEST(BroadcastArgs, TakesTheOtherWhereOneIsOne) {
  OpRunner op("tflite.BROADCAST_ARGS");
  op.inputs = {Indices({3}, {2, 1, 4}), Indices({2}, {3, 1})};
  op.output = Bare(GLIMPSE_INT32);
  EXPECT_EQ(op.Run<int32_t>(), (std::vector<int32_t>{2, 3, 4}));
}

TEST(MovedTypes, AreThoseThatTheRuntimeTakes) {
  OpRunner op("tflite.TRANSPOSE", "tflite-micro");
  op.inputs = {Unsigned({2}, 1, 0), Const32({1}, {0})};
  op.output = Unsigned({}, 1, 0);
  ExpectRefused(op, GLIMPSE_UNSUPPORTED, "TFLite Micro does not take");
  OpRunner tile("tflite.TILE", "tflite-micro");
  tile.inputs = {Moved({2}), Const32({1}, {1})};
  tile.output = Moved({});
  ExpectRefused(tile, GLIMPSE_UNSUPPORTED, "lacks");
}

TEST(Where, ListsThePlacesOfWhatIsNotZeroInRowMajorOrder) {
  kernels::WhereParams p;
  p.rank = 2;
  p.dims = {2, 3};
  const float condition[] = {0, 2, -0.0F, -1, std::numeric_limits<float>::quiet_NaN(), 0};
  ASSERT_EQ(kernels::CountNonZero(condition, 6), 3);
  std::vector<int64_t> places(6);
  kernels::WhereRef(p, condition, places.data());
  EXPECT_EQ(places, (std::vector<int64_t>{0, 1, 1, 0, 1, 1}));
}

TEST(Where, NothingHasNoPlaces) {
  kernels::WhereParams p;
  p.rank = 3;
  p.dims = {2, 0, 5};
  EXPECT_EQ(kernels::CountNonZero(static_cast<const int64_t*>(nullptr), 0), 0);
  kernels::WhereRef(p, static_cast<const int64_t*>(nullptr), nullptr);
}

}  // namespace
}  // namespace glimpse::testkit
