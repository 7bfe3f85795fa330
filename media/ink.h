// SPDX-License-Identifier: Apache-2.0
// InkFinder: tells ink from uneven paper.
#pragma once

#include <cstdint>
#include <vector>

#include "media/image.h"
#include "media/resample.h"

namespace glimpse::media {

// What stands out of a luma picture's background. Levels are in 0..255.
struct Ink {
  bool blank = true;  // nothing stands out: contrast below 20, or below 8 times the noise
  bool dark = false;  // what stands out is darker than the background
  int contrast = 0;   // how far: a level that the strongest 1/640 of the pixels (at least 4) reach
  int noise = 0;      // median distance of the pixels from their background
};

// How it works. The picture is looked at in a size of at most 160 pixels.
// 1. The background is a smooth surface: medians of windows half the picture's size at a 6 x 6 grid, interpolated
//    linearly between. Paper is most of every such window, so gradients, vignettes and soft shadows are followed and
//    strokes are not.
// 2. What lies further than 5 times the noise (at least 12) from it, darker or lighter, is summed up by how much
//    further; the greater sum says what the ink is.
// 3. With that ink masked out the background is taken again, in windows of a third, which follow shadows closer.
// 4. Ink is what reaches 35 % of the contrast (at least 4 times the noise) in connected pieces that reach 55 %
// somewhere.
//    The largest piece is the digit; a piece at the border (a neighbour's, or a frame's) only when nothing
//    half as large lies inside. Further pieces count when they have 4 % of its mass, lie near it, and do not touch
//    the border: the top of a 5 does, dust does not.
//
// Integer arithmetic throughout. Keeps its buffers. Not thread-safe.
class InkFinder {
 public:
  // Steps 1 and 2. REQUIRES: one channel.
  Ink Look(const Image& luma);

  // Steps 1, 3 and 4 for a picture whose ink is light on dark. `clean`, of its size, becomes 0 where no ink is and up
  // to 255 in solid ink; `box` is the bounding box of what is at least 64. When the result is blank, `clean` and
  // `box` are not touched. Result::dark is false.
  Ink RemovePaper(const Image& light_on_dark, Image& clean, Rect& box);

 private:
  static constexpr int kGrid = 6;
  using Grid = std::vector<int>;  // kGrid * kGrid levels

  // One pixel's place between two nodes of the grid along one axis.
  struct Place {
    int node = 0;
    int right = 0;  // weight of node + 1, of 256
  };
  // A connected piece of ink.
  struct Piece {
    int64_t mass = 0;
    int left = 0, top = 0, right = 0, bottom = 0;  // inclusive
    bool strong = false;
    bool at_border = false;
    bool kept = false;
  };

  void Shrink(const Image& luma);
  void Medians(int window_divisor, bool use_mask, Grid& grid);
  static void Places(int size, std::vector<Place>& places);
  // Signed distance of every small pixel from the grid's surface, into residual_.
  void Residuals(const Grid& grid);
  int MedianDistance() const;
  // The level that the strongest pixels of one sign reach.
  int Contrast(bool dark) const;
  void MaskAbove(int level, int radius);
  void FindPieces(int weak, int strong);
  void ChoosePieces();
  void KeepMask();
  void Clean(const Image& luma, const Grid& grid, int low, int high, Image& clean) const;

  Resampler resampler_;
  Image small_;
  std::vector<int> residual_;
  std::vector<uint8_t> mask_;  // of small_: masked out, later: kept
  std::vector<int> labels_;    // of small_: piece number from 1, 0 none
  std::vector<Piece> pieces_;
  std::vector<int> stack_;
  Grid grid_, first_grid_;
  std::vector<Place> columns_, rows_;
};

}  // namespace glimpse::media
