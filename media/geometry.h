// SPDX-License-Identifier: Apache-2.0
// The steps that move pixels: crop, rotate, perspective.
#pragma once

#include "base/result.h"
#include "config/preprocess_steps.h"
#include "media/image.h"
#include "media/warp.h"

namespace glimpse::media {

// Whether that part lies in a width x height picture.
bool IsInside(const config::CropStep& crop, int width, int height);

// Keeps what it computed between pictures. `in` and `out` are different objects. Not thread-safe.
class Geometry {
 public:
  // Before the first Straighten(). Errors: kInvalidConfig when the points are no convex area.
  Result<void> Prepare(const config::PerspectiveStep& step);

  // Errors: kInvalidConfig when it reaches outside the picture, naming both.
  static Result<void> Crop(const config::CropStep& crop, const Image& in, Image& out);
  // By quarters exactly, else interpolated, with the size kept.
  void Rotate(double degrees, const Image& in, Image& out);
  // Errors: kInvalidConfig when a point lies outside the picture, naming both.
  Result<void> Straighten(const config::PerspectiveStep& step, const Image& in, Image& out);

 private:
  Homography straighten_;
  int straight_width_ = 0, straight_height_ = 0;
  Warper turner_, straightener_;
};

}  // namespace glimpse::media
