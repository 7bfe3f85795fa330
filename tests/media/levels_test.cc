// SPDX-License-Identifier: Apache-2.0
#include "media/levels.h"

#include <gtest/gtest.h>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

TEST(AutoContrast, StretchesFromTheDarkestToTheBrightest) {
  // (100 - 50) * 255 / 100 = 127.5, rounded half up.
  Image image = GreyImage(3, 1, {50, 100, 150});
  AutoContrast(image, 0);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{0, 128, 255}));
}

TEST(AutoContrast, TheCutOffPartDoesNotCount) {
  std::vector<uint8_t> pixels(100, 100);
  pixels[0] = 0;
  pixels[1] = 255;
  pixels[2] = 50;
  pixels[3] = 150;
  Image image = GreyImage(100, 1, pixels);
  AutoContrast(image, 1);
  EXPECT_EQ(image.pixels[0], 0);
  EXPECT_EQ(image.pixels[1], 255);
  EXPECT_EQ(image.pixels[2], 0) << "one pixel at each end is one percent";
  EXPECT_EQ(image.pixels[3], 255);
  EXPECT_EQ(image.pixels[4], 128);
}

TEST(AutoContrast, APictureOfOneLevelStaysAsItIs) {
  Image image = GreyImage(2, 1, {77, 77});
  AutoContrast(image, 0);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{77, 77}));
}

TEST(AutoContrast, ColoursKeepTheirOrder) {
  Image image{2, 1, 3, {40, 40, 40, 120, 100, 80}};
  AutoContrast(image, 0);  // lumas 40 and 104
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{0, 0, 0, 255, 239, 159}));
}

TEST(Threshold, AtLeastTheLevelIsWhite) {
  Image image = GreyImage(3, 1, {127, 128, 129});
  EXPECT_EQ(Threshold(image, 128), 128);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{0, 255, 255}));
}

TEST(Threshold, FindsWhatPartsThePixelsBest) {
  // 2, 2, 3 against 9, 9: between 3 and 9 every level does; the lowest of them, 4, is taken.
  Image image = GreyImage(5, 1, {2, 9, 3, 2, 9});
  EXPECT_EQ(Threshold(image, std::nullopt), 4);
  EXPECT_EQ(image.pixels, (std::vector<uint8_t>{0, 255, 0, 0, 255}));
}

TEST(Threshold, OneLevelIsOneKind) {
  Image dark = GreyImage(2, 1, {10, 10});
  Threshold(dark, std::nullopt);
  EXPECT_EQ(dark.pixels, (std::vector<uint8_t>{0, 0}));
}

}  // namespace
}  // namespace glimpse::media
