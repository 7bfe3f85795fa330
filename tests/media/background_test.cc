// SPDX-License-Identifier: Apache-2.0
// The level of the paper beside the plain way to compute it.
#include "media/background.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "media/divider.h"

namespace glimpse::media {
namespace {

Image Noise(int width, int height, std::mt19937& random) {
  Image image;
  image.Reshape(width, height, 1);
  std::uniform_int_distribution<int> levels(0, 255);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(levels(random));
  return image;
}

// By its definition: sort the window's pixels that count.
int MedianAt(const Image& image, int divisor, const std::vector<uint8_t>* mask, int gx, int gy, int otherwise) {
  const auto window = [&](int node, int size) {
    const int centre = (2 * node + 1) * size / 12;
    const int reach = std::max(1, size / (2 * divisor));
    return std::pair(std::max(0, centre - reach), std::min(size, centre + reach + 1));
  };
  const auto [left, right] = window(gx, image.width);
  const auto [top, bottom] = window(gy, image.height);
  std::vector<int> levels;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const auto at = static_cast<size_t>(y * image.width + x);
      if (mask == nullptr || (*mask)[at] == 0) levels.push_back(image.pixels[at]);
    }
  }
  const auto all = static_cast<size_t>((right - left) * (bottom - top));
  if (mask != nullptr && levels.size() < all / 8) return otherwise;
  if (levels.empty()) return 0;
  std::sort(levels.begin(), levels.end());
  return levels[(levels.size() - 1) / 2];
}

constexpr std::pair<int, int> kSizes[] = {{160, 120}, {160, 160}, {120, 160}, {28, 28},
                                          {7, 3},     {1, 1},     {160, 1},   {13, 97}};

TEST(WindowMedians, AreThoseOfSortedWindows) {
  std::mt19937 random(5);
  WindowMedians medians;
  GridLevels otherwise;
  for (size_t i = 0; i < otherwise.size(); ++i) otherwise[i] = static_cast<int>(i);
  for (const auto& [width, height] : kSizes) {
    const Image image = Noise(width, height, random);
    for (const int divisor : {2, 3}) {
      // Of the last nearly all is masked, so that windows fall back.
      for (const int masked_of_16 : {0, 5, 15}) {
        std::vector<uint8_t> mask(image.pixels.size());
        for (uint8_t& m : mask) m = static_cast<int>(random() % 16) < masked_of_16 ? 1 : 0;
        const std::vector<uint8_t>* given = masked_of_16 == 0 ? nullptr : &mask;
        GridLevels levels{};
        medians.Run(image, divisor, given, &otherwise, levels);
        for (int gy = 0; gy < kGridSide; ++gy) {
          for (int gx = 0; gx < kGridSide; ++gx) {
            const auto node = static_cast<size_t>(gy * kGridSide + gx);
            EXPECT_EQ(levels[node], MedianAt(image, divisor, given, gx, gy, otherwise[node]))
                << width << "x" << height << " divisor " << divisor << " node " << gx << "," << gy;
          }
        }
      }
    }
  }
}

// The place of a pixel on an axis: the node before it and the weight of the next one, of 256.
std::pair<int, int> PlaceOf(int pixel, int size) {
  const int64_t at = std::clamp<int64_t>(int64_t{2 * pixel + 1} * 6 - size, 0, int64_t{2} * size * 5);
  const int node = std::min(4, static_cast<int>(at / (2 * size)));
  return {node, static_cast<int>((at - int64_t{2} * size * node) * 256 / (2 * size))};
}

TEST(Surface, IsLinearBetweenNodesAndRoundedOnce) {
  std::mt19937 random(6);
  Surface surface;
  for (const auto& [width, height] : {std::pair(640, 480), {160, 120}, {1920, 7}, {5, 5}, {1, 1}, {3, 1000}}) {
    GridLevels levels;
    for (int& level : levels) level = static_cast<int>(random() % 256);
    levels[0] = 255;
    levels[35] = 0;
    surface.SetSize(width, height);
    std::vector<int> row(static_cast<size_t>(width));
    for (int y = 0; y < height; ++y) {
      const int begin = y % width / 2;
      surface.Row(levels, y, begin, width, row.data());
      const auto [top, lower] = PlaceOf(y, height);
      for (int x = begin; x < width; ++x) {
        const auto [left, right] = PlaceOf(x, width);
        const int* node = levels.data() + top * kGridSide + left;
        const int upper_sum = node[0] * (256 - right) + node[1] * right;
        const int lower_sum = node[kGridSide] * (256 - right) + node[kGridSide + 1] * right;
        ASSERT_EQ(row[static_cast<size_t>(x - begin)], (upper_sum * (256 - lower) + lower_sum * lower + 32768) / 65536)
            << width << "x" << height << " at " << x << "," << y;
      }
    }
  }
}

TEST(Divider, IsThatOfWholeNumbersUpToItsLimitAndBeyond) {
  std::mt19937_64 random(7);
  std::vector<uint64_t> divisors{1, 2, 3, 7, 255, 256, 307200, 10'999'999, 11'000'000, 11'000'001, uint64_t{1} << 40};
  for (int i = 0; i < 200; ++i) divisors.push_back(1 + random() % 11'000'000);
  for (const uint64_t d : divisors) {
    const Divider divide(d);
    for (const uint64_t q : {0u, 1u, 2u, 127u, 254u, 255u}) {
      for (const uint64_t r : {uint64_t{0}, d / 2, d - 1}) EXPECT_EQ(divide(q * d + r), q) << d;
    }
    for (int i = 0; i < 50; ++i) {
      const uint64_t n = random() % (256 * d);
      EXPECT_EQ(divide(n), n / d) << n << " by " << d;
    }
  }
}

}  // namespace
}  // namespace glimpse::media
