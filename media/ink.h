// SPDX-License-Identifier: Apache-2.0
// InkFinder: tells ink from uneven paper.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "media/background.h"
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
//    somewhere. The largest piece is the digit; a piece at the border (a neighbour's, or a frame's) only when nothing
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
  static constexpr int kMostLevel = 255;
  using SignedLevels = std::array<uint32_t, 2 * kMostLevel + 1>;  // counts of -255..255

  // A connected piece of ink.
  struct Piece {
    int64_t mass = 0;
    int left = 0, top = 0, right = 0, bottom = 0;  // inclusive
    bool strong = false;
    bool at_border = false;
    bool kept = false;
  };

  void Shrink(const Image& luma);
  // Signed distance of every small pixel from the paper, into residual_, and how often each is there, into levels_.
  void Residuals(const GridLevels& paper);
  uint32_t CountAt(int residual) const { return levels_[static_cast<size_t>(residual + kMostLevel)]; }
  int MedianDistance() const;
  // The level that the strongest pixels of one sign reach.
  int Contrast(bool dark) const;
  // By how much the pixels of one sign exceed `threshold`, added up.
  int64_t Excess(int sign, int threshold) const;
  void MaskAbove(int level, int radius);
  void FindPieces(int weak, int strong);
  void ChoosePieces();
  void KeepMask();
  // What of `luma` is ink, scaled from [low, high] above the paper; returns its box, of width 0 without ink.
  Rect Clean(const Image& luma, const GridLevels& paper, int low, int high, Image& clean);

  Resampler resampler_;
  Image small_;
  WindowMedians medians_;
  Surface surface_;
  GridLevels paper_{}, wide_paper_{};
  std::vector<int> residual_;
  SignedLevels levels_{};
  std::vector<uint8_t> mask_;  // of small_: masked out, later: kept
  std::vector<int> labels_;    // of small_: piece number from 1, 0 none
  std::vector<Piece> pieces_;
  std::vector<int> stack_;
  std::vector<int> row_, first_pixels_;
};

}  // namespace glimpse::media
