// SPDX-License-Identifier: Apache-2.0
#include "media/pacer.h"

#include <cmath>

namespace glimpse::media {

Pacer::TimePoint Pacer::Due(uint64_t n) const {
  return start_ + std::chrono::nanoseconds(std::llround(static_cast<double>(n) * 1e9 / fps_));
}

uint64_t Pacer::Overdue() {
  const TimePoint now = clock_->Now();
  if (!started_) {
    started_ = true;
    start_ = now;
    return 0;
  }
  if (now < Due(next_ + 1)) return 0;
  if (!realtime_) {
    start_ = now;
    next_ = 0;
    return 0;
  }
  // The estimate by division may be off by one where it meets a due time; the due times decide.
  auto newest = static_cast<uint64_t>(std::chrono::duration<double>(now - start_).count() * fps_);
  while (now >= Due(newest + 1)) ++newest;
  while (newest > next_ && now < Due(newest)) --newest;
  const uint64_t overdue = newest - next_;
  next_ = newest;
  return overdue;
}

bool Pacer::Wait(const std::stop_token& stop) {
  if (!clock_->WaitUntil(Due(next_), stop)) return false;
  ++next_;
  return true;
}

}  // namespace glimpse::media
