// SPDX-License-Identifier: Apache-2.0
// The level of the paper at every pixel: a smooth surface through medians.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "media/image.h"

namespace glimpse::media {

inline constexpr int kGridSide = 6;
// Levels 0..255 at the nodes of a grid over a picture, row by row. Node i of an axis is at (i + 1/2) / 6 of its length.
using GridLevels = std::array<int, kGridSide * kGridSide>;

// Medians of windows around the nodes. Every pixel is counted once, in the histogram of the cell it lies in: the
// borders of the windows cut the picture into cells, and a window is a block of whole cells, whose histograms are added
// up. Keeps its buffers. Not thread-safe.
class WindowMedians {
 public:
  // The median is the smallest level that at least half of the window's pixels do not exceed. Windows are 1/divisor of
  // the picture's sides, cut at its edge. Pixels whose `mask` is not 0 do not count; null: all count. Where less than
  // 1/8 of a window counts, the level of `otherwise` stands. REQUIRES: one channel, sides of at most 160; `otherwise`
  // with a mask.
  void Run(const Image& picture, int divisor, const std::vector<uint8_t>* mask, const GridLevels* otherwise,
           GridLevels& levels);

 private:
  static constexpr size_t kLevels = 256;
  // Counts of one cell or window: 160 x 160 pixels fit.
  using Histogram = std::array<uint16_t, kLevels>;
  // The windows of one axis.
  struct Axis {
    std::vector<int> cuts;                                     // borders of the cells, from 0 to the side
    std::array<std::pair<size_t, size_t>, kGridSide> windows;  // first and past the last cell of each
    void Make(int size, int divisor);
    size_t cells() const { return cuts.size() - 1; }
    int Length(size_t window) const { return cuts[windows[window].second] - cuts[windows[window].first]; }
  };
  void CountCells(const Image& picture, const std::vector<uint8_t>* mask);

  Axis x_, y_;
  std::vector<Histogram> cells_;   // of the whole picture, row by row
  std::vector<Histogram> strips_;  // of one row of windows: its cells, added up downwards
};

// The surface between the nodes at any size: linear between four of them, level beyond the outermost. In whole levels,
// rounded half up. Keeps its tables. Not thread-safe while the size changes.
class Surface {
 public:
  void SetSize(int width, int height);
  // The levels at pixels [begin, end) of row y.
  void Row(const GridLevels& levels, int y, int begin, int end, int* to) const;

 private:
  static constexpr float kWhole = 256;
  // Of one axis: pixels between node i and the next are [first[i], first[i + 1]).
  struct Axis {
    std::array<int, kGridSide> first{};
    std::vector<float> right;  // weight of the node behind each pixel, of kWhole
    void Make(int size);
  };
  Axis x_, y_;
};

}  // namespace glimpse::media
