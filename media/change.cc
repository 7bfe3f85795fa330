// SPDX-License-Identifier: Apache-2.0
#include "media/change.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "media/convert.h"

namespace glimpse::media {

bool ChangeDetector::Measure(const Frame& frame, std::span<const Rect> parts) {
  const Rect whole{0, 0, frame.width, frame.height};
  if (parts.empty()) parts = std::span(&whole, 1);
  seen_.clear();
  for (const Rect& part : parts) {
    if (part.x + part.width > frame.width || part.y + part.height > frame.height) return false;
    ToGrey(frame, part, grey_);
    resampler_.Run(grey_, {0, 0, grey_.width, grey_.height}, std::min(kBlocks, grey_.width),
                   std::min(kBlocks, grey_.height), blocks_);
    seen_.insert(seen_.end(), blocks_.pixels.begin(), blocks_.pixels.end());
  }
  return true;
}

bool ChangeDetector::Look(const Frame& frame, std::span<const Rect> parts) {
  const bool measured = Measure(frame, parts);
  const bool same = measured && known_ && seen_.size() == reference_.size() &&
                    std::equal(seen_.begin(), seen_.end(), reference_.begin(),
                               [this](int now, int before) { return std::abs(now - before) < levels_; });
  if (same) return false;
  known_ = measured;
  std::swap(reference_, seen_);
  return true;
}

}  // namespace glimpse::media
