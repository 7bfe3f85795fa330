// SPDX-License-Identifier: Apache-2.0
#include "media/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "media/preprocess_check.h"

namespace glimpse::media {
namespace {

using internal::SizeText;

constexpr int kMaxStraightened = 4096;  // side of what `perspective` makes

// Side lengths of an area to be straightened: the mean of opposite sides, rounded.
std::pair<int, int> SizeOf(const config::PerspectiveStep& step) {
  if (step.size) return {step.size->first, step.size->second};
  const auto length = [&](size_t from, size_t to) {
    return std::hypot(step.points[to].first - step.points[from].first,
                      step.points[to].second - step.points[from].second);
  };
  const auto mean = [](double one, double other) {
    return std::clamp(static_cast<int>(std::lround((one + other) / 2)), 1, kMaxStraightened);
  };
  return {mean(length(0, 1), length(3, 2)), mean(length(0, 3), length(1, 2))};
}

}  // namespace

bool IsInside(const config::CropStep& crop, int width, int height) {
  return int64_t{crop.x} + crop.width <= width && int64_t{crop.y} + crop.height <= height;
}

Result<void> Geometry::Prepare(const config::PerspectiveStep& step) {
  std::tie(straight_width_, straight_height_) = SizeOf(step);
  std::array<Point, 4> corners;
  for (size_t i = 0; i < corners.size(); ++i) corners[i] = {step.points[i].first, step.points[i].second};
  GLIMPSE_ASSIGN_OR_RETURN(straighten_, StraightenQuad(corners, straight_width_, straight_height_));
  return {};
}

Result<void> Geometry::Crop(const config::CropStep& crop, const Image& in, Image& out) {
  if (!IsInside(crop, in.width, in.height)) {
    return Unexpected(
        ErrorCode::kInvalidConfig,
        StrCat("step 'crop': ", SizeText(crop.width, crop.height), " pixels at ", crop.x, ",", crop.y,
               " reach outside the picture of ", SizeText(in.width, in.height), "; make it smaller or move it"));
  }
  out.Reshape(crop.width, crop.height, in.channels);
  const size_t left = static_cast<size_t>(crop.x) * static_cast<size_t>(in.channels);
  for (int y = 0; y < crop.height; ++y) std::copy_n(in.Row(crop.y + y) + left, out.Stride(), out.Row(y));
  return {};
}

void Geometry::Rotate(double degrees, const Image& in, Image& out) {
  if (std::fmod(degrees, 90) == 0) return TurnQuarters(in, static_cast<int>(degrees / 90), out);
  turner_.Run(in, Turn(degrees, in.width, in.height), in.width, in.height, out);
}

Result<void> Geometry::Straighten(const config::PerspectiveStep& step, const Image& in, Image& out) {
  for (const auto& [x, y] : step.points) {
    if (x <= in.width && y <= in.height) continue;
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("step 'perspective': the point ", x, ",", y, " lies outside the picture of ",
                             SizeText(in.width, in.height), "; move it"));
  }
  straightener_.Run(in, straighten_, straight_width_, straight_height_, out);
  return {};
}

}  // namespace glimpse::media
