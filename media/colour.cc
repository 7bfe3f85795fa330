// SPDX-License-Identifier: Apache-2.0
#include "media/source.h"

namespace glimpse::media {

void ApplyColour(const config::Camera& camera, Colour& colour) {
  using Asked = config::Camera;
  if (camera.range != Asked::Range::kAuto) {
    colour.range = camera.range == Asked::Range::kFull ? Range::kFull : Range::kLimited;
  }
  if (camera.matrix != Asked::Matrix::kAuto) {
    colour.matrix = camera.matrix == Asked::Matrix::kBt601 ? Matrix::kBt601 : Matrix::kBt709;
  }
}

}  // namespace glimpse::media
