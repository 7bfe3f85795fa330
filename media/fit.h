// SPDX-License-Identifier: Apache-2.0
// Making a picture fit with its proportions kept.
#pragma once

#include <cstdint>
#include <utility>

#include "media/image.h"
#include "media/resample.h"

namespace glimpse::media {

// The largest width and height within `width` x `height` that have the proportions of `in_width` x `in_height`: the
// side that reaches its limit first gets exactly there, the other follows, rounded half up, at least one pixel.
// REQUIRES: all at least 1.
std::pair<int, int> FitWithin(int in_width, int in_height, int width, int height);

// `in` so fitted, in the middle of a width x height picture (half a pixel to the upper left where it must be), with
// `fill` around it. `fitted` is room for it, kept by the caller. REQUIRES: `in`, `fitted` and `out` different objects.
void Letterbox(const Image& in, int width, int height, Filter filter, uint8_t fill, Resampler& resampler, Image& fitted,
               Image& out);

}  // namespace glimpse::media
