// SPDX-License-Identifier: Apache-2.0
#include "media/warp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

Image Counted(int width, int height) {
  Image image = GreyImage(width, height, {});
  image.Reshape(width, height, 1);
  std::iota(image.pixels.begin(), image.pixels.end(), uint8_t{0});
  return image;
}

TEST(TurnQuarters, TurnsCounterClockwise) {
  // 0 1 2      2 5
  // 3 4 5  ->  1 4
  //            0 3
  Image out;
  TurnQuarters(Counted(3, 2), 1, out);
  EXPECT_EQ(out.width, 2);
  EXPECT_EQ(out.pixels, (std::vector<uint8_t>{2, 5, 1, 4, 0, 3}));
  TurnQuarters(Counted(3, 2), 2, out);
  EXPECT_EQ(out.pixels, (std::vector<uint8_t>{5, 4, 3, 2, 1, 0}));
  TurnQuarters(Counted(3, 2), -1, out);
  EXPECT_EQ(out.pixels, (std::vector<uint8_t>{3, 0, 4, 1, 5, 2}));
  TurnQuarters(Counted(3, 2), 4, out);
  EXPECT_EQ(out.pixels, Counted(3, 2).pixels);
}

TEST(Warper, TurningASquareByAQuarterIsTheExactTurn) {
  for (const int side : {4, 5}) {
    Image exact;
    TurnQuarters(Counted(side, side), 1, exact);
    Warper warper;
    Image turned;
    warper.Run(Counted(side, side), Turn(90, side, side), side, side, turned);
    EXPECT_EQ(turned.pixels, exact.pixels);
  }
}

TEST(Warper, APictureStraightenedFromItsOwnCornersIsItself) {
  const Image in = Counted(7, 5);
  const auto map = StraightenQuad({{{0, 0}, {7, 0}, {7, 5}, {0, 5}}}, 7, 5);
  ASSERT_TRUE(map);
  Warper warper;
  Image out;
  warper.Run(in, *map, 7, 5, out);
  EXPECT_EQ(out.pixels, in.pixels);
}

TEST(StraightenQuad, BringsTheCornersToThoseOfTheOutcome) {
  const std::array<Point, 4> corners = {{{10, 5}, {90, 8}, {95, 60}, {5, 62}}};
  const auto map = StraightenQuad(corners, 80, 50);
  ASSERT_TRUE(map);
  const std::array<Point, 4> outcome = {{{0, 0}, {80, 0}, {80, 50}, {0, 50}}};
  for (size_t i = 0; i < 4; ++i) {
    const Point from = (*map)(outcome[i].x, outcome[i].y);
    EXPECT_NEAR(from.x, corners[i].x, 1e-9);
    EXPECT_NEAR(from.y, corners[i].y, 1e-9);
  }
  // Lines stay lines: where the diagonals cross, (40, 25), lies on both of the source's.
  const Point middle = (*map)(40, 25);
  const auto off_line = [&](const Point& a, const Point& b) {
    return (b.x - a.x) * (middle.y - a.y) - (b.y - a.y) * (middle.x - a.x);
  };
  EXPECT_NEAR(off_line(corners[0], corners[2]), 0, 1e-6);
  EXPECT_NEAR(off_line(corners[1], corners[3]), 0, 1e-6);
}

TEST(StraightenQuad, RefusesWhatIsNoConvexAreaGoneRoundClockwise) {
  const std::array<Point, 4> wrong[] = {{{{0, 0}, {0, 5}, {7, 5}, {7, 0}}},   // the other way round
                                        {{{0, 0}, {7, 5}, {7, 0}, {0, 5}}},   // crossed
                                        {{{0, 0}, {7, 0}, {1, 1}, {0, 5}}},   // dented
                                        {{{0, 0}, {4, 0}, {8, 0}, {0, 5}}},   // a triangle
                                        {{{3, 3}, {3, 3}, {3, 3}, {3, 3}}}};  // a point
  for (const auto& corners : wrong) EXPECT_FALSE(StraightenQuad(corners, 10, 10));
}

TEST(Warper, OutsideThePictureTheNearestEdgeGoesOn) {
  Warper warper;
  Image out;
  const Homography shifted{1, 0, -10, 0, 1, 0, 0, 0};
  warper.Run(GreyImage(2, 1, {50, 90}), shifted, 3, 1, out);
  EXPECT_EQ(out.pixels, (std::vector<uint8_t>{50, 50, 50}));
}

TEST(Warper, HalfAPixelBesideIsTheMeanRoundedHalfUp) {
  Warper warper;
  Image out;
  const Homography shifted{1, 0, 0.5, 0, 1, 0, 0, 0};
  warper.Run(GreyImage(3, 1, {10, 13, 20}), shifted, 2, 1, out);
  EXPECT_EQ(out.pixels, (std::vector<uint8_t>{12, 17}));  // 11.5, 16.5
}

}  // namespace
}  // namespace glimpse::media
