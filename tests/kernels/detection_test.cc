// SPDX-License-Identifier: Apache-2.0
// Non-maximum suppression by hand, and the options' bytes with every kind of damage.
#include "kernels/detection/detection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "plugins/detection/flexbuffer_map.h"

namespace glimpse {
namespace {

using detection::FlexbufferMap;
using detection::FlexNumber;

// {"a": 7, "b": 0.5}: keys "a\0b\0", vector of key offsets, map values, root. All words are one byte but for the float,
// which lies aside.
std::vector<uint8_t> Bytes() {
  return {'a',    0,
          'b',    0,  // 0: keys
          0,      0,
          0,      0x3F,  // 4: 0.5F
          2,      9,
          8,  // 8: two keys, at 0 and 2
          2,      1,
          2,                     // 11: keys lie 2 before here, each 1 byte; two values
          7,      11,            // 14: 7, and 0.5F lies 11 before
          1 << 2, (8 << 2) | 2,  // 16: int, indirect float of 4 bytes
          4,      9 << 2,
          1};  // 18: the map lies 4 before; its type; width 1
}

TEST(FlexbufferMap, ReadsIntegersAndFloats) {
  const std::vector<uint8_t> bytes = Bytes();
  const auto map = FlexbufferMap::Read(bytes);
  ASSERT_TRUE(map);
  FlexNumber number;
  ASSERT_EQ(map->Get("a", &number), FlexbufferMap::Found::kNumber);
  EXPECT_EQ(number.AsInt32(), 7);
  EXPECT_EQ(number.AsFloat(), 7);
  ASSERT_EQ(map->Get("b", &number), FlexbufferMap::Found::kNumber);
  EXPECT_EQ(number.AsFloat(), 0.5F);
  EXPECT_EQ(number.AsInt32(), 0);
  EXPECT_EQ(map->Get("c", &number), FlexbufferMap::Found::kAbsent);
}

// The sanitizers judge what is read; every damage must end in an answer.
TEST(FlexbufferMap, SurvivesEveryByteAndEveryLength) {
  const std::vector<uint8_t> sound = Bytes();
  for (size_t length = 0; length <= sound.size(); ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (int value = 0; value < 256; ++value) {
        std::vector<uint8_t> bytes(sound.end() - static_cast<ptrdiff_t>(length), sound.end());
        bytes[at] = static_cast<uint8_t>(value);
        bytes.shrink_to_fit();
        const auto map = FlexbufferMap::Read(bytes);
        if (!map) continue;
        FlexNumber number;
        for (const std::string_view key : {"a", "b", "max_detections"}) {
          if (map->Get(key, &number) == FlexbufferMap::Found::kNumber) (void)number.AsInt32();
        }
      }
    }
  }
}

TEST(FlexbufferMap, RefusesNumbersThatDoNotFit) {
  EXPECT_FALSE((FlexNumber{false, int64_t{1} << 31, 0}.AsInt32()));
  EXPECT_FALSE((FlexNumber{true, 0, std::nan("")}.AsInt32()));
  EXPECT_EQ((FlexNumber{true, 0, -2147483648.5}.AsInt32()), INT32_MIN);
}

class Detection : public ::testing::Test {
 protected:
  Detection() {
    p.boxes = 3;
    p.classes = 2;
    p.scores_per_box = 3;
    p.max_detections = 2;
    p.detections_per_class = 2;
    p.overlap_threshold = 0.5F;
  }
  kernels::DetectionScratch Scratch() {
    return {boxes, class_scores, order, selected, dropped, class_order, best, merged};
  }

  kernels::DetectionParams p;
  kernels::DetectionBox boxes[3] = {
      {0, 0, 1, 1}, {0, 0.1F, 1, 1.1F}, {5, 5, 6, 6}};  // the first two overlap by 0.9 / 1.1
  float class_scores[3];
  int32_t order[3];
  int32_t selected[3];
  uint8_t dropped[3];
  int32_t class_order[2];
  kernels::ScoredBox best[4];
  kernels::ScoredBox merged[4];
  kernels::DetectionBox found_boxes[4];
  float found_classes[4];
  float found_scores[4];
  float count = -1;
  kernels::Detections out{found_boxes, found_classes, found_scores, &count};
  // Background, then two classes.
  const std::vector<float> scores = {0.9F, 0.5F, 0.1F, 0.9F, 0.6F, 0.2F, 0, 0.3F, 0.4F};
};

TEST_F(Detection, FastKeepsTheBestClassOfBoxesThatDoNotOverlap) {
  kernels::DetectFastRef(p, scores.data(), Scratch(), out);
  EXPECT_EQ(count, 2);
  EXPECT_EQ(found_boxes[0].xmin, 0.1F);  // the second box, 0.6 for class 0
  EXPECT_EQ(found_classes[0], 0);
  EXPECT_EQ(found_scores[0], 0.6F);
  EXPECT_EQ(found_boxes[1].xmin, 5);  // the third, 0.4 for class 1
  EXPECT_EQ(found_classes[1], 1);
}

TEST_F(Detection, RegularMergesTheClassesByScore) {
  kernels::DetectRegularRef(p, scores.data(), Scratch(), out);
  EXPECT_EQ(count, 2);
  EXPECT_EQ(found_scores[0], 0.6F);  // class 0: boxes 1 and 2 (0.3); class 1: boxes 2 (0.4) and 1 (0.2)
  EXPECT_EQ(found_scores[1], 0.4F);
  EXPECT_EQ(found_classes[1], 1);
}

TEST_F(Detection, LeavesZerosWhereNothingIsFound) {
  p.score_threshold = 0.45F;
  kernels::DetectFastRef(p, scores.data(), Scratch(), out);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(found_boxes[1].ymax, 0);
  EXPECT_EQ(found_scores[1], 0);
}

TEST_F(Detection, DecodesCentreAndSize) {
  p.boxes = 1;
  p.y_scale = p.x_scale = 10;
  p.h_scale = p.w_scale = 5;
  const float encoding[] = {10, -5, 0, 0};
  const float anchor[] = {0.5F, 0.5F, 0.25F, 0.5F};
  // Centre 10 / 10 * 0.25 + 0.5 = 0.75, -5 / 10 * 0.5 + 0.5 = 0.25; halves 0.125 and 0.25.
  ASSERT_TRUE(kernels::DecodeBoxesRef(p, encoding, anchor, boxes));
  EXPECT_EQ(boxes[0].ymin, 0.625F);
  EXPECT_EQ(boxes[0].ymax, 0.875F);
  EXPECT_EQ(boxes[0].xmin, 0);
  EXPECT_EQ(boxes[0].xmax, 0.5F);
  const float turned[] = {0.5F, 0.5F, -0.25F, 0.5F};  // a negative height
  EXPECT_FALSE(kernels::DecodeBoxesRef(p, encoding, turned, boxes));
}

}  // namespace
}  // namespace glimpse
