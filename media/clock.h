// SPDX-License-Identifier: Apache-2.0
// The time that paced sources go by, replaceable in tests.
#pragma once

#include <chrono>
#include <stop_token>

namespace glimpse::media {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point Now() = 0;
  virtual std::chrono::system_clock::time_point WallNow() = 0;
  // Sleeps until `deadline`, or until a stop is requested. True when the deadline was reached, false on stop
  // (also when it was requested before the call). Never returns early for another reason.
  virtual bool WaitUntil(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) = 0;
};

// The machine's clocks.
Clock& SystemClock();

}  // namespace glimpse::media
