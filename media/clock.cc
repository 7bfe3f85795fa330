// SPDX-License-Identifier: Apache-2.0
#include "media/clock.h"

#include <condition_variable>
#include <mutex>

namespace glimpse::media {
namespace {

class MachineClock : public Clock {
 public:
  std::chrono::steady_clock::time_point Now() override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point WallNow() override { return std::chrono::system_clock::now(); }

  bool WaitUntil(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) override {
    // Nobody notifies this condition: a stop request does, or the deadline passes.
    std::condition_variable_any condition;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested() && Now() < deadline) {
      condition.wait_until(lock, stop, deadline, [] { return false; });
    }
    return !stop.stop_requested();
  }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

}  // namespace glimpse::media
