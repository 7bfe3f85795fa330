// SPDX-License-Identifier: Apache-2.0
#include "media/fit.h"

#include <algorithm>
#include <cstddef>

namespace glimpse::media {

std::pair<int, int> FitWithin(int in_width, int in_height, int width, int height) {
  // 64 bits: the products of two sides, doubled.
  const int64_t w = in_width;
  const int64_t h = in_height;
  const bool by_width = width * h <= height * w;
  const int64_t to_width = by_width ? width : (2 * w * height + h) / (2 * h);
  const int64_t to_height = by_width ? (2 * h * width + w) / (2 * w) : height;
  return {static_cast<int>(std::max<int64_t>(1, to_width)), static_cast<int>(std::max<int64_t>(1, to_height))};
}

void Letterbox(const Image& in, int width, int height, Filter filter, uint8_t fill, Resampler& resampler, Image& fitted,
               Image& out) {
  const auto [fit_width, fit_height] = FitWithin(in.width, in.height, width, height);
  resampler.Run(in, {0, 0, in.width, in.height}, fit_width, fit_height, fitted, filter);
  out.Reshape(width, height, in.channels);
  std::fill(out.pixels.begin(), out.pixels.end(), fill);
  const auto left = static_cast<size_t>((width - fit_width) / 2) * static_cast<size_t>(in.channels);
  for (int y = 0; y < fit_height; ++y) {
    std::copy_n(fitted.Row(y), fitted.Stride(), out.Row((height - fit_height) / 2 + y) + left);
  }
}

}  // namespace glimpse::media
