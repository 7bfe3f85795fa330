// SPDX-License-Identifier: Apache-2.0
#include "media/change.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace glimpse::media {
namespace {

constexpr int kWidth = 64, kHeight = 48;

// Paper of `level` with noise of +-5, another one for each `seed`.
Frame Paper(int level, uint32_t seed) {
  std::vector<uint8_t> pixels;
  uint32_t state = seed * 2654435761u + 1;
  for (int i = 0; i < kWidth * kHeight; ++i) {
    state = state * 1664525u + 1013904223u;
    pixels.push_back(static_cast<uint8_t>(level + static_cast<int>(state >> 24) % 11 - 5));
  }
  return MakeFrame(PixelFormat::kGrey8, kWidth, kHeight, std::move(pixels));
}

// The same with a dark square of 8 pixels.
Frame Inked(int x, int y) {
  std::vector<uint8_t> pixels(*Paper(200, 1).storage);
  for (int i = 0; i < 64; ++i) pixels[static_cast<size_t>((y + i / 8) * kWidth + x + i % 8)] = 40;
  return MakeFrame(PixelFormat::kGrey8, kWidth, kHeight, std::move(pixels));
}

TEST(ChangeDetector, TheFirstFrameIsNewAndNoiseIsNot) {
  ChangeDetector detector(12);
  EXPECT_TRUE(detector.Look(Paper(200, 1), {}));
  for (uint32_t seed = 2; seed < 50; ++seed) EXPECT_FALSE(detector.Look(Paper(200, seed), {})) << seed;
}

TEST(ChangeDetector, InkThatComesAndGoesIsNewEachTime) {
  ChangeDetector detector(12);
  detector.Look(Paper(200, 1), {});
  EXPECT_TRUE(detector.Look(Inked(20, 20), {}));
  EXPECT_FALSE(detector.Look(Inked(20, 20), {}));
  EXPECT_TRUE(detector.Look(Inked(28, 20), {}));
  EXPECT_TRUE(detector.Look(Paper(200, 2), {}));
}

TEST(ChangeDetector, OnlyThePartsCount) {
  const std::vector<Rect> parts = {{0, 0, 16, 16}, {32, 16, 20, 20}};
  ChangeDetector detector(12);
  EXPECT_TRUE(detector.Look(Paper(200, 1), parts));
  EXPECT_FALSE(detector.Look(Inked(20, 20), parts)) << "between them";
  EXPECT_TRUE(detector.Look(Inked(36, 20), parts));
}

TEST(ChangeDetector, ASlowChangeIsNoticedOnceItHasComeFarEnough) {
  // Without noise: 100, 101, ... 123. A level of 112 is 12 from the first, 124 would be 12 from that.
  ChangeDetector detector(12);
  std::vector<int> noticed;
  for (int level = 100; level < 124; ++level) {
    const Frame frame = MakeFrame(PixelFormat::kGrey8, kWidth, kHeight,
                                  std::vector<uint8_t>(size_t{kWidth} * kHeight, static_cast<uint8_t>(level)));
    if (detector.Look(frame, {})) noticed.push_back(level);
  }
  EXPECT_EQ(noticed, (std::vector<int>{100, 112}));
}

TEST(ChangeDetector, APartOutsideTheFrameAndAForgottenFrameAreNew) {
  ChangeDetector detector(12);
  const std::vector<Rect> outside = {{60, 0, 16, 16}};
  EXPECT_TRUE(detector.Look(Paper(200, 1), outside));
  EXPECT_TRUE(detector.Look(Paper(200, 1), outside));
  ChangeDetector other(12);
  other.Look(Paper(200, 1), {});
  other.Forget();
  EXPECT_TRUE(other.Look(Paper(200, 1), {}));
}

}  // namespace
}  // namespace glimpse::media
