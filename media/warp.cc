// SPDX-License-Identifier: Apache-2.0
#include "media/warp.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace glimpse::media {
namespace {

constexpr int kUnit = 2048;  // the square of it times 255 fits in 32 bits

// Sine and cosine differ in their last bits from one C library to another; so rounded they do not.
double Rounded(double value) {
  constexpr double kParts = 1 << 30;
  return std::round(value * kParts) / kParts;
}

// Twice the area of the triangle, positive when it goes round clockwise in a picture, whose y points down.
double Clockwise(const Point& p, const Point& q, const Point& r) {
  return (q.x - p.x) * (r.y - q.y) - (q.y - p.y) * (r.x - q.x);
}

// In units of 1/2048, from the first pixel's centre, held within the picture.
int64_t Fixed(double place, int side) {
  const double from_centre = std::clamp(place - 0.5, 0.0, static_cast<double>(side - 1));
  return static_cast<int64_t>(std::floor(from_centre * kUnit + 0.5));
}

}  // namespace

Point Homography::operator()(double x, double y) const {
  const double scale = 1 / (g * x + h * y + 1);
  return {(a * x + b * y + c) * scale, (d * x + e * y + f) * scale};
}

Result<Homography> StraightenQuad(const std::array<Point, 4>& corners, int width, int height) {
  for (size_t i = 0; i < 4; ++i) {
    if (Clockwise(corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]) >= 1) continue;
    return Unexpected(
        ErrorCode::kInvalidConfig,
        "perspective: the four points must be the corners of a convex area: upper left, upper right, lower "
        "right, lower left");
  }
  const auto& [p0, p1, p2, p3] = corners;
  const double dx1 = p1.x - p2.x;
  const double dx2 = p3.x - p2.x;
  const double dy1 = p1.y - p2.y;
  const double dy2 = p3.y - p2.y;
  const double sx = p0.x - p1.x + p2.x - p3.x;
  const double sy = p0.y - p1.y + p2.y - p3.y;
  const double area = dx1 * dy2 - dx2 * dy1;  // not 0: three corners in a line were refused
  const double g = (sx * dy2 - dx2 * sy) / area;
  const double h = (dx1 * sy - sx * dy1) / area;
  // Of the unit square; the outcome's pixels are width and height of it.
  Homography map;
  map.a = (p1.x - p0.x + g * p1.x) / width;
  map.b = (p3.x - p0.x + h * p3.x) / height;
  map.c = p0.x;
  map.d = (p1.y - p0.y + g * p1.y) / width;
  map.e = (p3.y - p0.y + h * p3.y) / height;
  map.f = p0.y;
  map.g = g / width;
  map.h = h / height;
  return map;
}

Homography Turn(double degrees, int width, int height) {
  const double angle = degrees * std::numbers::pi / 180;
  const double cosine = Rounded(std::cos(angle));
  const double sine = Rounded(std::sin(angle));
  const double x = width / 2.0;
  const double y = height / 2.0;
  return {cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y, 0, 0};
}

void TurnQuarters(const Image& in, int turns, Image& out) {
  turns = (turns % 4 + 4) % 4;
  const bool swapped = turns % 2 == 1;
  out.Reshape(swapped ? in.height : in.width, swapped ? in.width : in.height, in.channels);
  const auto channels = static_cast<size_t>(in.channels);
  for (int y = 0; y < out.height; ++y) {
    uint8_t* to = out.Row(y);
    for (int x = 0; x < out.width; ++x, to += channels) {
      int from_x = x;
      int from_y = y;
      if (turns == 1) {
        from_x = in.width - 1 - y;
        from_y = x;
      } else if (turns == 2) {
        from_x = in.width - 1 - x;
        from_y = in.height - 1 - y;
      } else if (turns == 3) {
        from_x = y;
        from_y = in.height - 1 - x;
      }
      std::copy_n(in.Row(from_y) + static_cast<size_t>(from_x) * channels, channels, to);
    }
  }
}

void Warper::Make(const Image& in, const Homography& map, int width, int height) {
  const std::array<double, 8> wanted = {map.a, map.b, map.c, map.d, map.e, map.f, map.g, map.h};
  if (in.width == in_width_ && in.height == in_height_ && width == width_ && height == height_ && wanted == map_)
    return;
  in_width_ = in.width;
  in_height_ = in.height;
  width_ = width;
  height_ = height;
  map_ = wanted;
  places_.clear();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Point from = map(x + 0.5, y + 0.5);
      const int64_t column = Fixed(from.x, in.width);
      const int64_t row = Fixed(from.y, in.height);
      places_.push_back({static_cast<uint16_t>(column / kUnit), static_cast<uint16_t>(row / kUnit),
                         static_cast<uint16_t>(column % kUnit), static_cast<uint16_t>(row % kUnit)});
    }
  }
}

void Warper::Run(const Image& in, const Homography& map, int width, int height, Image& out) {
  Make(in, map, width, height);
  out.Reshape(width, height, in.channels);
  const auto channels = static_cast<size_t>(in.channels);
  uint8_t* to = out.pixels.data();
  for (const Place& place : places_) {
    // At the last column or row the weight of what would lie beyond is 0.
    const size_t right = place.right == 0 ? 0 : channels;
    const uint8_t* upper = in.Row(place.y) + place.x * channels;
    const uint8_t* lower = place.below == 0 ? upper : upper + in.Stride();
    for (size_t c = 0; c < channels; ++c) {
      const uint32_t above = upper[c] * (kUnit - place.right) + upper[c + right] * place.right;
      const uint32_t below = lower[c] * (kUnit - place.right) + lower[c + right] * place.right;
      *to++ = static_cast<uint8_t>((above * (kUnit - place.below) + below * place.below + kUnit * kUnit / 2) /
                                   (kUnit * kUnit));
    }
  }
}

}  // namespace glimpse::media
