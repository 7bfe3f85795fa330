// SPDX-License-Identifier: Apache-2.0
// How sharp a picture is.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "media/image.h"

namespace glimpse::media {

// Measures edges. Keeps its buffers between pictures. Not thread-safe.
class SharpnessMeter {
 public:
  // How many pixels the steepest edges of a grey picture take from dark to light: the picture's range divided by its
  // steepest slope. Range: from the mean of the darkest two hundredth of the pixels to that of the brightest. Slope:
  // the mean of the steepest two hundredth of half the differences between the pixels left and right, above and below,
  // so that single noisy ones do not count. A step from one pixel to the next gives 2, one blurred by a Gaussian of
  // sigma s about 2.5 s where that is above 1. Nothing for a picture whose range is below 16 of 255, which has no
  // edges, or that is smaller than 8 x 8.
  std::optional<double> EdgeWidth(const Image& grey);

 private:
  std::vector<uint8_t> slopes_;
};

}  // namespace glimpse::media
