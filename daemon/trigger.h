// SPDX-License-Identifier: Apache-2.0
// FrameTrigger: which frames a pipeline looks at.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "config/config.h"
#include "media/change.h"
#include "media/frame.h"

namespace glimpse::daemon {

// What a pipeline's `trigger` says, frame after frame. Not thread-safe.
class FrameTrigger {
 public:
  FrameTrigger(const config::Trigger& settings, const std::vector<config::Region>& regions);

  // Whether this frame is looked at; `asked`: somebody wants it whatever the settings say. every: the first at or after
  // the last one's time plus the interval, by the time of capture; times do not drift as long as frames come.
  // on-change: see media::ChangeDetector. The first frame is wanted, but for on-request.
  bool Wants(const media::Frame& frame, bool asked);

  // After a gap: the next frame is as the first.
  void Reset();

 private:
  bool IsDue(std::chrono::steady_clock::time_point captured);

  config::Trigger settings_;
  std::vector<media::Rect> regions_;
  media::ChangeDetector change_;
  std::optional<std::chrono::steady_clock::time_point> due_;
};

}  // namespace glimpse::daemon
