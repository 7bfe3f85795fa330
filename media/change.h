// SPDX-License-Identifier: Apache-2.0
// ChangeDetector: whether there is something new to be seen.
#pragma once

#include <span>
#include <vector>

#include "media/frame.h"
#include "media/image.h"
#include "media/resample.h"

namespace glimpse::media {

// Compares frames by the mean luma of blocks, 16 by 16 of them in each part of the frame that matters (fewer in one
// that is smaller): noise of single pixels averages out, and a stroke of a digit does not. A frame is compared with the
// last one that was found to be new, so that a slow change is noticed, too, once it has come far enough. Not
// thread-safe.
class ChangeDetector {
 public:
  // `levels`, 1 to 255: by how much a block must differ.
  explicit ChangeDetector(int levels) : levels_(levels) {}

  // Whether a block of one of `parts`, or the frame's size, has changed; then it is the one to compare with. Also for
  // the first frame, and when a part reaches outside of it. No parts: the whole frame. REQUIRES: frame.IsConsistent(),
  // the same parts each time.
  bool Look(const Frame& frame, std::span<const Rect> parts);

  // The next frame is new.
  void Forget() { known_ = false; }

 private:
  static constexpr int kBlocks = 16;

  // Fills seen_. Not: a part reaches outside.
  bool Measure(const Frame& frame, std::span<const Rect> parts);

  int levels_;
  bool known_ = false;
  std::vector<uint8_t> reference_, seen_;
  Image grey_, blocks_;
  Resampler resampler_;
};

}  // namespace glimpse::media
