// SPDX-License-Identifier: Apache-2.0
#include "cli/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/explain.h"
#include "cli/tensor_compare.h"

namespace glimpse::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<SampleLayout> Match(std::vector<int64_t> file, std::vector<int32_t> tensor) {
  return MatchSamples(file, tensor, "x.npy");
}

TEST(SampleLayout, TheTensorsOwnShapeIsOneSample) {
  const auto layout = Match({1, 28, 28, 1}, {1, 28, 28, 1});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->form, SampleForm::kSingle);
  EXPECT_THAT(layout->FileShape(std::vector<int32_t>{1, 10}), ElementsAre(1, 10));
}

TEST(SampleLayout, ALeadingDimensionMoreIsKeptInWhatIsWritten) {
  const auto layout = Match({7, 1, 28, 28, 1}, {1, 28, 28, 1});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->form, SampleForm::kLeading);
  EXPECT_EQ(layout->count, 7u);
  EXPECT_THAT(layout->FileShape(std::vector<int32_t>{1, 10}), ElementsAre(7, 1, 10));
}

TEST(SampleLayout, NInPlaceOfABatchOfOneIsKeptInWhatIsWritten) {
  const auto layout = Match({7, 28, 28, 1}, {1, 28, 28, 1});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->form, SampleForm::kBatch);
  EXPECT_THAT(layout->FileShape(std::vector<int32_t>{1, 10}), ElementsAre(7, 10));
  EXPECT_THAT(layout->FileShape(std::vector<int32_t>{4, 3}), ElementsAre(7, 4, 3));
  EXPECT_THAT(layout->FileShape(std::vector<int32_t>{}), ElementsAre(7));
}

TEST(SampleLayout, ARankZeroTensorTakesOneOrN) {
  EXPECT_TRUE(Match({}, {}));
  const auto layout = Match({5}, {});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->count, 5u);
}

TEST(SampleLayout, OtherShapesAreRefusedWithTheRule) {
  for (const std::vector<int64_t>& file : {std::vector<int64_t>{28, 28, 1}, {7, 28, 27, 1}, {}, {2, 2, 1, 28, 28, 1}}) {
    const auto layout = Match(file, {1, 28, 28, 1});
    ASSERT_FALSE(layout);
    EXPECT_THAT(layout.error().message, HasSubstr("does not fit the tensor's [1, 28, 28, 1]"));
  }
  EXPECT_FALSE(Match({3, 4}, {2, 4}));
  EXPECT_THAT(Match({0, 28, 28, 1}, {1, 28, 28, 1}).error().message, HasSubstr("no sample"));
}

TEST(Int4, UnpacksLowNibbleFirstWithItsSignAndBack) {
  const std::vector<std::byte> packed{std::byte{0x8f}, std::byte{0x07}};
  std::vector<std::byte> unpacked;
  UnpackInt4(packed, 3, unpacked);
  ASSERT_EQ(unpacked.size(), 3u);
  EXPECT_EQ(static_cast<int8_t>(unpacked[0]), -1);
  EXPECT_EQ(static_cast<int8_t>(unpacked[1]), -8);
  EXPECT_EQ(static_cast<int8_t>(unpacked[2]), 7);
  std::vector<std::byte> again(2);
  PackInt4(unpacked, again);
  EXPECT_EQ(again, packed);
}

TEST(Position, LeadingOnesMayBeLeftOut) {
  const std::vector<int32_t> shape{1, 26, 26, 32};
  EXPECT_EQ(*ParsePosition("3,4,5", shape), (3u * 26 + 4) * 32 + 5);
  EXPECT_EQ(*ParsePosition("0,3,4,5", shape), (3u * 26 + 4) * 32 + 5);
  EXPECT_THAT(PositionOf((3u * 26 + 4) * 32 + 5, shape), ElementsAre(0, 3, 4, 5));
  EXPECT_EQ(*ParsePosition("9", std::vector<int32_t>{1, 10}), 9u);
}

TEST(Position, EverythingElseIsRefused) {
  const std::vector<int32_t> shape{2, 26, 26, 32};
  for (const char* text : {"", "3,4,5", "2,0,0,0", "0,26,0,0", "0,0,0,-1", "0,0,0,0,0", "a,b,c,d", "1,,2,3",
                           "0,0,0,0x1", "0, 0,0,0", "0,0,0,99999999999"}) {
    const auto element = ParsePosition(text, shape);
    ASSERT_FALSE(element) << text;
    EXPECT_THAT(element.error().message, HasSubstr("[2, 26, 26, 32]"));
  }
}

TEST(CompareTensors, CountsAndMeasures) {
  const std::vector<int8_t> a{1, -128, 3, 4};
  const std::vector<int8_t> b{1, 127, 3, 5};
  const TensorDifference difference =
      CompareTensors(DType::kInt8, std::as_bytes(std::span(a)), std::as_bytes(std::span(b)), 4);
  EXPECT_EQ(difference.count, 2u);
  EXPECT_EQ(difference.max, 255);
  EXPECT_EQ(difference.first, 1u);
  EXPECT_EQ(difference.ours, -128);
  EXPECT_EQ(difference.theirs, 127);
}

TEST(CompareTensors, FloatsDifferByTheirBits) {
  const std::vector<float> a{0.0f, 1.0f};
  const std::vector<float> b{-0.0f, 1.0f};
  EXPECT_EQ(CompareTensors(DType::kFloat32, std::as_bytes(std::span(a)), std::as_bytes(std::span(b)), 2).count, 1u);
}

}  // namespace
}  // namespace glimpse::cli
