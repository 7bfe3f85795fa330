// SPDX-License-Identifier: Apache-2.0
#include "media/centre.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

#include "media/fit.h"

namespace glimpse::media {
namespace {

// Sums of a picture's levels and of level times place.
struct Moments {
  int64_t mass = 0, x = 0, y = 0;
};

Moments MomentsOf(const Image& picture) {
  Moments sums;
  for (int y = 0; y < picture.height; ++y) {
    const uint8_t* row = picture.Row(y);
    for (int x = 0; x < picture.width; ++x) {
      sums.mass += row[x];
      sums.x += int64_t{row[x]} * x;
      sums.y += int64_t{row[x]} * y;
    }
  }
  return sums;
}

// Where a part's first pixel goes so that the pixel coordinate sum / mass within it comes to lie nearest to the
// middle, side / 2, of the picture; kept so that the whole part fits.
int Offset(int64_t sum, int64_t mass, int side, int part) {
  // floor(side / 2 - sum / mass + 1/2)
  const int64_t numerator = int64_t{side} * mass - 2 * sum + mass;
  const int64_t denominator = 2 * mass;
  const int64_t rounded = numerator >= 0 ? numerator / denominator : -((-numerator + denominator - 1) / denominator);
  return static_cast<int>(std::clamp<int64_t>(rounded, 0, side - part));
}

// Strokes thinner than a pixel of the result come out grey, MNIST's are white in their core: the mean of the
// strongest tenth of the ink becomes 255.
void BrightenCores(Image& digit) {
  std::array<uint32_t, 256> histogram{};
  uint32_t inked = 0;
  for (const uint8_t level : digit.pixels) {
    ++histogram[level];
    if (level != 0) ++inked;
  }
  const uint32_t wanted = std::max<uint32_t>(1, inked / 10);
  uint32_t counted = 0;
  uint64_t sum = 0;
  for (int level = 255; level > 0 && counted < wanted; --level) {
    const uint32_t here = std::min(histogram[static_cast<size_t>(level)], wanted - counted);
    counted += here;
    sum += uint64_t{here} * static_cast<uint64_t>(level);
  }
  if (sum == 0) return;
  for (uint8_t& level : digit.pixels) {
    level = static_cast<uint8_t>(std::min<uint64_t>(255, (uint64_t{level} * 255 * counted + sum / 2) / sum));
  }
}

}  // namespace

int FitSide(int side) { return std::max(1, (side * 20 + 14) / 28); }

void PlaceDigit(const Image& ink, const Rect& box, int width, int height, Filter filter, Resampler& resampler,
                Image& digit, Image& out) {
  const auto [to_width, to_height] = FitWithin(box.width, box.height, FitSide(width), FitSide(height));
  resampler.Run(ink, box, to_width, to_height, digit, filter);
  BrightenCores(digit);
  out.Reshape(width, height, 1);
  std::fill(out.pixels.begin(), out.pixels.end(), uint8_t{0});
  const Moments sums = MomentsOf(digit);
  if (sums.mass == 0) return;
  const int left = Offset(sums.x, sums.mass, width, digit.width);
  const int top = Offset(sums.y, sums.mass, height, digit.height);
  for (int y = 0; y < digit.height; ++y) std::copy_n(digit.Row(y), digit.width, out.Row(top + y) + left);
}

bool IsPlaced(const Image& picture) {
  int left = picture.width;
  int top = picture.height;
  int right = -1;
  int bottom = -1;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (picture.Row(y)[x] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  if (right < 0) return false;
  const int fit_width = FitSide(picture.width);
  const int fit_height = FitSide(picture.height);
  const int width = right - left + 1;
  const int height = bottom - top + 1;
  const bool fits = width <= fit_width + 1 && height <= fit_height + 1;
  const bool fills = width >= fit_width - 1 || height >= fit_height - 1;
  const Moments sums = MomentsOf(picture);
  const auto near_middle = [&](int64_t sum, int side) {  // |sum / mass - side / 2| < 3/2
    return std::abs(2 * sum - int64_t{side} * sums.mass) < 3 * sums.mass;
  };
  return fits && fills && near_middle(sums.x, picture.width) && near_middle(sums.y, picture.height);
}

}  // namespace glimpse::media
