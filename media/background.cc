// SPDX-License-Identifier: Apache-2.0
#include "media/background.h"

#include <algorithm>
#include <cstddef>

namespace glimpse::media {
namespace {

void Add(const std::array<uint16_t, 256>& from, std::array<uint16_t, 256>& to) {
  for (size_t i = 0; i < from.size(); ++i) to[i] = static_cast<uint16_t>(to[i] + from[i]);
}

}  // namespace

void WindowMedians::Axis::Make(int size, int divisor) {
  std::array<std::pair<int, int>, kGridSide> borders;
  cuts = {0, size};
  for (int node = 0; node < kGridSide; ++node) {
    const int centre = (2 * node + 1) * size / (2 * kGridSide);
    const int reach = std::max(1, size / (2 * divisor));
    borders[static_cast<size_t>(node)] = {std::max(0, centre - reach), std::min(size, centre + reach + 1)};
    cuts.insert(cuts.end(), {borders[static_cast<size_t>(node)].first, borders[static_cast<size_t>(node)].second});
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  const auto place = [this](int cut) {
    return static_cast<size_t>(std::lower_bound(cuts.begin(), cuts.end(), cut) - cuts.begin());
  };
  for (size_t node = 0; node < borders.size(); ++node)
    windows[node] = {place(borders[node].first), place(borders[node].second)};
}

void WindowMedians::CountCells(const Image& picture, const std::vector<uint8_t>* mask) {
  cells_.assign(x_.cells() * y_.cells(), Histogram{});
  for (size_t cy = 0; cy < y_.cells(); ++cy) {
    for (int y = y_.cuts[cy]; y < y_.cuts[cy + 1]; ++y) {
      const uint8_t* const row = picture.Row(y);
      const uint8_t* const masked = mask != nullptr ? mask->data() + (row - picture.pixels.data()) : nullptr;
      Histogram* cell = cells_.data() + cy * x_.cells();
      for (size_t cx = 0; cx < x_.cells(); ++cx, ++cell) {
        for (int x = x_.cuts[cx]; x < x_.cuts[cx + 1]; ++x) {
          if (masked == nullptr || masked[x] == 0) ++(*cell)[row[x]];
        }
      }
    }
  }
}

void WindowMedians::Run(const Image& picture, int divisor, const std::vector<uint8_t>* mask,
                        const GridLevels* otherwise, GridLevels& levels) {
  x_.Make(picture.width, divisor);
  y_.Make(picture.height, divisor);
  CountCells(picture, mask);
  for (size_t gy = 0; gy < kGridSide; ++gy) {
    strips_.assign(x_.cells(), Histogram{});
    for (size_t cy = y_.windows[gy].first; cy < y_.windows[gy].second; ++cy) {
      for (size_t cx = 0; cx < x_.cells(); ++cx) Add(cells_[cy * x_.cells() + cx], strips_[cx]);
    }
    for (size_t gx = 0; gx < kGridSide; ++gx) {
      Histogram window{};
      for (size_t cx = x_.windows[gx].first; cx < x_.windows[gx].second; ++cx) Add(strips_[cx], window);
      uint32_t count = 0;
      for (const uint16_t pixels : window) count += pixels;
      const size_t node = gy * kGridSide + gx;
      const auto all = static_cast<uint32_t>(x_.Length(gx) * y_.Length(gy));
      if (mask != nullptr && count < all / 8) {
        levels[node] = (*otherwise)[node];
        continue;
      }
      size_t level = 0;
      for (uint32_t below = window[0]; 2 * below < count; below += window[level]) ++level;
      levels[node] = static_cast<int>(level);
    }
  }
}

void Surface::Axis::Make(int size) {
  if (right.size() == static_cast<size_t>(size)) return;
  right.resize(static_cast<size_t>(size));
  first.fill(size);
  first[0] = 0;
  for (int i = size; i-- > 0;) {  // in 1/(2 size) of a node: pixel centre minus the first node's centre
    const int64_t at =
        std::clamp<int64_t>(int64_t{2 * i + 1} * kGridSide - size, 0, int64_t{2} * size * (kGridSide - 1));
    const int64_t node = std::min<int64_t>(kGridSide - 2, at / (2 * size));
    const int64_t part = at - int64_t{2} * size * node;
    right[static_cast<size_t>(i)] = static_cast<float>(part * static_cast<int64_t>(kWhole) / (2 * size));
    for (auto before = static_cast<size_t>(node); before > 0 && first[before] > i; --before) first[before] = i;
  }
  first[kGridSide - 1] = size;
}

void Surface::SetSize(int width, int height) {
  x_.Make(width);
  y_.Make(height);
}

void Surface::Row(const GridLevels& levels, int y, int begin, int end, int* to) const {
  size_t node = kGridSide - 2;
  while (y < y_.first[node]) --node;
  const float lower = y_.right[static_cast<size_t>(y)];
  // In 1/256 level: first down, then across, which is the same as integers. All of them, and what they add up to, are
  // below 2^24, so float holds them exactly, and every processor multiplies vectors of it.
  std::array<float, kGridSide> nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    nodes[i] = static_cast<float>(levels[node * kGridSide + i]) * (kWhole - lower) +
               static_cast<float>(levels[(node + 1) * kGridSide + i]) * lower;
  }
  for (size_t i = 0; i + 1 < nodes.size(); ++i) {
    const int last = std::min(end, x_.first[i + 1]);
    const float left = nodes[i] * kWhole + kWhole * kWhole / 2, rise = nodes[i + 1] - nodes[i];
    for (int x = std::max(begin, x_.first[i]); x < last; ++x)
      to[x - begin] = static_cast<int>((left + rise * x_.right[static_cast<size_t>(x)]) * (1 / (kWhole * kWhole)));
  }
}

}  // namespace glimpse::media
