// SPDX-License-Identifier: Apache-2.0
#include "daemon/trigger.h"

namespace glimpse::daemon {

FrameTrigger::FrameTrigger(const config::Trigger& settings, const std::vector<config::Region>& regions)
    : settings_(settings), change_(settings.change) {
  for (const config::Region& region : regions) regions_.push_back({region.x, region.y, region.width, region.height});
}

bool FrameTrigger::Wants(const media::Frame& frame, bool asked) {
  using Kind = config::Trigger::Kind;
  switch (settings_.kind) {
    case Kind::kEveryFrame:
      return true;
    case Kind::kEvery:
      return IsDue(frame.captured) || asked;
    case Kind::kOnChange:
      // Also when it was asked for: what comes next is compared with this frame.
      if (asked) change_.Forget();
      return change_.Look(frame, regions_);
    case Kind::kOnRequest:
      return asked;
  }
  return true;
}

bool FrameTrigger::IsDue(std::chrono::steady_clock::time_point captured) {
  const auto interval =
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(settings_.every_s));
  if (due_ && captured < *due_) return false;
  // One that comes late does not shift those after it, unless it is later than they.
  due_ = due_ && *due_ + interval > captured ? *due_ + interval : captured + interval;
  return true;
}

void FrameTrigger::Reset() {
  due_.reset();
  change_.Forget();
}

}  // namespace glimpse::daemon
