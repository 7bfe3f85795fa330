// SPDX-License-Identifier: Apache-2.0
// Pacer: when the frames of a stand-in for a camera are due.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include "media/clock.h"

namespace glimpse::media {

// Frame n is due at start + n / fps, start being the first question. Every due time is computed from the start, so
// neither rounding nor lateness adds up. Not thread-safe.
class Pacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // REQUIRES: 1e-5 <= fps <= 1000; `clock` outlives the pacer.
  Pacer(double fps, bool realtime, Clock& clock) : fps_(fps), realtime_(realtime), clock_(&clock) {}

  // Frames to leave out before the next one: with `realtime` those whose successor is due already, else always 0.
  // Call before each Wait(). Without `realtime` a reader later than one period sets a new start.
  uint64_t Overdue();

  // Waits until the next frame is due and counts it. False on stop; then nothing is counted.
  bool Wait(const std::stop_token& stop);

 private:
  TimePoint Due(uint64_t n) const;

  double fps_;
  bool realtime_;
  Clock* clock_;
  bool started_ = false;
  TimePoint start_{};
  uint64_t next_ = 0;  // frames since the start
};

}  // namespace glimpse::media
