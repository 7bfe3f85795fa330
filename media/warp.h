// SPDX-License-Identifier: Apache-2.0
// Warp: turning a picture, and straightening what the camera sees at an angle.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "media/image.h"

namespace glimpse::media {

// A place in a picture, in pixels from its upper left edge: the centre of the first pixel is 0.5, 0.5.
struct Point {
  double x = 0, y = 0;
};

// Where a place of the outcome lies in the source: x' = (a x + b y + c) / (g x + h y + 1), y' = (d x + e y + f) /
// (...).
struct Homography {
  double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0, g = 0, h = 0;
  Point operator()(double x, double y) const;
};

// The map that brings the corners of a quadrilateral (upper left, upper right, lower right, lower left) to those of a
// width x height picture; P. Heckbert, Fundamentals of Texture Mapping (1989), section 2.2.3. Errors: kInvalidConfig
// when it is not convex or its corners do not go round clockwise.
Result<Homography> StraightenQuad(const std::array<Point, 4>& corners, int width, int height);

// The map that turns a width x height picture counter-clockwise about its centre; its size stays.
Homography Turn(double degrees, int width, int height);

// Turns by `turns` quarters counter-clockwise, exactly. `in` and `out` are different objects.
void TurnQuarters(const Image& in, int turns, Image& out);

// Draws pictures through a map: every pixel of the outcome is interpolated linearly between the four pixel centres
// around its place in the source; places outside get the pixel at the nearest edge, so that nothing alien comes in.
// Places are rounded to 1/2048 of a pixel, and the result half up. Keeps a table, made anew only when something
// changed. Not thread-safe.
class Warper {
 public:
  // REQUIRES: sides of `in` and of the outcome in 1..65536; `in` and `out` different objects.
  void Run(const Image& in, const Homography& map, int width, int height, Image& out);

 private:
  struct Place {
    uint16_t x, y;          // the pixel to the upper left
    uint16_t right, below;  // weight of the one beside it and below it, of 2048
  };
  void Make(const Image& in, const Homography& map, int width, int height);

  int in_width_ = 0, in_height_ = 0, width_ = 0, height_ = 0;
  std::array<double, 8> map_{};
  std::vector<Place> places_;
};

}  // namespace glimpse::media
