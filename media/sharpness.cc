// SPDX-License-Identifier: Apache-2.0
#include "media/sharpness.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

namespace glimpse::media {
namespace {

// The mean of the `count` smallest and of the `count` largest of bytes, by their histogram.
struct Ends {
  double low = 0, high = 0;
};

Ends EndsOf(const std::vector<uint8_t>& bytes, size_t count) {
  std::array<size_t, 256> histogram{};
  for (const uint8_t byte : bytes) ++histogram[byte];
  const auto mean = [&](size_t first, int step) {
    size_t left = count;
    double sum = 0;
    for (size_t level = first; left > 0; level += static_cast<size_t>(step)) {
      const size_t taken = std::min(left, histogram[level]);
      sum += static_cast<double>(taken * level);
      left -= taken;
    }
    return sum / static_cast<double>(count);
  };
  return {mean(0, 1), mean(255, -1)};
}

}  // namespace

std::optional<double> SharpnessMeter::EdgeWidth(const Image& grey) {
  constexpr int kSmallest = 8;
  constexpr double kLeastRange = 16;
  constexpr size_t kPart = 200;
  constexpr size_t kFewest = 4;
  if (grey.channels != 1 || grey.width < kSmallest || grey.height < kSmallest) return std::nullopt;
  const size_t count = std::max(grey.pixels.size() / kPart, kFewest);
  const Ends levels = EndsOf(grey.pixels, count);
  const double range = levels.high - levels.low;
  if (range < kLeastRange) return std::nullopt;
  slopes_.clear();
  for (int y = 1; y + 1 < grey.height; ++y) {
    const uint8_t* above = grey.Row(y - 1);
    const uint8_t* row = grey.Row(y);
    const uint8_t* below = grey.Row(y + 1);
    for (int x = 1; x + 1 < grey.width; ++x) {
      const int across = std::abs(row[x + 1] - row[x - 1]);
      const int down = std::abs(below[x] - above[x]);
      slopes_.push_back(static_cast<uint8_t>(std::max(across, down)));
    }
  }
  const double steepest = EndsOf(slopes_, count).high / 2;
  return steepest > 0 ? std::optional(range / steepest) : std::nullopt;
}

}  // namespace glimpse::media
