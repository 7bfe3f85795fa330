// SPDX-License-Identifier: Apache-2.0
#include "media/levels.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::media {
namespace {

using Histogram = std::array<uint64_t, 256>;

Histogram LumaHistogram(const Image& image) {
  Histogram histogram{};
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t at = 0; at < image.pixels.size(); at += channels) {
    const uint8_t* pixel = image.pixels.data() + at;
    ++histogram[channels == 1 ? pixel[0] : Luma(pixel[0], pixel[1], pixel[2])];
  }
  return histogram;
}

// The first level in the order of `level`(0), `level`(1) ... above which more than `cut` pixels lie.
template <typename Level>
int FirstBeyond(const Histogram& histogram, uint64_t cut, Level level) {
  uint64_t passed = 0;
  for (int i = 0; i < 256; ++i) {
    passed += histogram[static_cast<size_t>(level(i))];
    if (passed > cut) return level(i);
  }
  return level(255);
}

}  // namespace

void AutoContrast(Image& image, double cutoff) {
  const Histogram histogram = LumaHistogram(image);
  const uint64_t count = image.pixels.size() / static_cast<size_t>(image.channels);
  const auto cut = static_cast<uint64_t>(static_cast<double>(count) * cutoff / 100);
  const int low = FirstBeyond(histogram, cut, [](int i) { return i; });
  const int high = FirstBeyond(histogram, cut, [](int i) { return 255 - i; });
  if (low >= high) return;
  std::array<uint8_t, 256> table{};
  for (int level = 0; level < 256; ++level) {
    const int above = std::clamp(level - low, 0, high - low);
    table[static_cast<size_t>(level)] = static_cast<uint8_t>((2 * above * 255 + (high - low)) / (2 * (high - low)));
  }
  for (uint8_t& pixel : image.pixels) pixel = table[pixel];
}

int Threshold(Image& grey, std::optional<int> level) {
  if (!level) {
    const Histogram histogram = LumaHistogram(grey);
    double total = 0;
    for (size_t i = 0; i < 256; ++i) total += static_cast<double>(i) * static_cast<double>(histogram[i]);
    const auto count = static_cast<double>(grey.pixels.size());
    double below = 0;
    double sum_below = 0;
    double best = -1;
    for (size_t i = 0; i < 255; ++i) {  // levels up to i on the one side
      below += static_cast<double>(histogram[i]);
      sum_below += static_cast<double>(i) * static_cast<double>(histogram[i]);
      if (below == 0 || below == count) continue;
      const double apart = sum_below / below - (total - sum_below) / (count - below);
      const double between = below * (count - below) * apart * apart;
      if (between <= best) continue;
      best = between;
      level = static_cast<int>(i) + 1;
    }
    if (!level) level = 128;  // one level only
  }
  for (uint8_t& pixel : grey.pixels) pixel = pixel >= *level ? 255 : 0;
  return *level;
}

}  // namespace glimpse::media
