// SPDX-License-Identifier: Apache-2.0
#include "media/resample.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

std::vector<uint8_t> Resized(const Image& in, int width, int height) {
  Resampler resampler;
  Image out;
  resampler.Run(in, {0, 0, in.width, in.height}, width, height, out);
  EXPECT_EQ(out.width, width);
  EXPECT_EQ(out.height, height);
  return out.pixels;
}

TEST(Resample, HalvingIsTheMeanOfFourWithOneRoundingHalfUp) {
  // (1 + 2 + 3 + 4) / 4 = 2.5 -> 3; (0 + 0 + 0 + 1) / 4 = 0.25 -> 0
  EXPECT_EQ(Resized(GreyImage(4, 2, {1, 2, 0, 0, 3, 4, 0, 1}), 2, 1), (std::vector<uint8_t>{3, 0}));
}

TEST(Resample, APixelPartlyInsideCountsByItsPart) {
  // 3 -> 2: output 0 covers pixel 0 and half of pixel 1: (90 + 30 / 2) / 1.5 = 70; output 1: (30 / 2 + 60) / 1.5 = 50.
  EXPECT_EQ(Resized(GreyImage(3, 1, {90, 30, 60}), 2, 1), (std::vector<uint8_t>{70, 50}));
  EXPECT_EQ(Resized(GreyImage(1, 3, {90, 30, 60}), 1, 2), (std::vector<uint8_t>{70, 50}));
  // Both axes: weights 1, 1/2 across and down, area 2.25: (9 + 18/2 + 27/2 + 36/4) / 2.25 = 18 at the top left.
  EXPECT_EQ(Resized(GreyImage(3, 3, {9, 18, 0, 27, 36, 0, 0, 0, 0}), 2, 2)[0], 18);
}

TEST(Resample, AGrowingAxisIsInterpolatedBetweenPixelCentres) {
  // 2 -> 4: centres at -0.25 (held at 0), 0.25, 0.75, 1.25 (held at 1).
  EXPECT_EQ(Resized(GreyImage(2, 1, {0, 100}), 4, 1), (std::vector<uint8_t>{0, 25, 75, 100}));
  EXPECT_EQ(Resized(GreyImage(1, 1, {42}), 3, 2), std::vector<uint8_t>(6, 42));
}

TEST(Resample, OneAxisMayGrowWhileTheOtherShrinks) {
  EXPECT_EQ(Resized(GreyImage(2, 2, {0, 100, 20, 120}), 4, 1), (std::vector<uint8_t>{10, 35, 85, 110}));
}

TEST(Resample, ChannelsStayApart) {
  const Image rgb{2, 1, 3, {10, 20, 30, 30, 40, 51}};
  EXPECT_EQ(Resized(rgb, 1, 1), (std::vector<uint8_t>{20, 30, 41}));
}

TEST(Resample, TheSameSizeIsTheIdentity) {
  std::mt19937 random(3);
  Image image = GreyImage(37, 23, {});
  image.Reshape(37, 23, 1);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(random());
  EXPECT_EQ(Resized(image, 37, 23), image.pixels);
}

// The definition, straight from the header, in long double.
TEST(Resample, EqualsTheDefinitionInFloatingPoint) {
  std::mt19937 random(4);
  for (int round = 0; round < 60; ++round) {
    const int n = 1 + static_cast<int>(random() % 40);
    const int m = 1 + static_cast<int>(random() % static_cast<unsigned>(n));
    Image image = GreyImage(n, 1, {});
    image.Reshape(n, 1, 1);
    for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(random());
    const auto out = Resized(image, m, 1);
    for (int i = 0; i < m; ++i) {
      long double sum = 0;
      for (int p = 0; p < n; ++p) {
        const long double from = std::max<long double>(p, static_cast<long double>(i) * n / m);
        const long double to = std::min<long double>(p + 1, static_cast<long double>(i + 1) * n / m);
        if (to > from) sum += (to - from) * image.pixels[static_cast<size_t>(p)];
      }
      const long double mean = sum * m / n;
      EXPECT_NEAR(static_cast<double>(out[static_cast<size_t>(i)]), static_cast<double>(mean), 0.5 + 1e-9)
          << n << " to " << m << ", output " << i;
    }
  }
}

TEST(Resample, ReadsOnlyTheRectangle) {
  Resampler resampler;
  Image out;
  resampler.Run(GreyImage(4, 3, {255, 255, 255, 255, 255, 1, 3, 255, 255, 255, 255, 255}), {1, 1, 2, 1}, 1, 1, out);
  EXPECT_EQ(out.pixels, (std::vector<uint8_t>{2}));
}

TEST(Resample, APlainSurfaceStaysWhatItIs) {
  const Image white = GreyImage(641, 479, std::vector<uint8_t>(641 * 479, 255));
  EXPECT_EQ(Resized(white, 28, 28), std::vector<uint8_t>(784, 255));
  EXPECT_EQ(Resized(GreyImage(3, 5, std::vector<uint8_t>(15, 254)), 200, 7), std::vector<uint8_t>(1400, 254));
}

}  // namespace
}  // namespace glimpse::media
