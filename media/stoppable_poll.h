// SPDX-License-Identifier: Apache-2.0
// StoppablePoll: waiting for a descriptor until a time, or until somebody asks to stop.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/unique_fd.h"

namespace glimpse::media {

// One thread waits; the stop may be requested by any.
class StoppablePoll {
 public:
  enum class Woken { kReady, kHangUp, kTimeout, kStopped };

  StoppablePoll();

  // kReady: `fd` has something to read, perhaps the end. kHangUp: an error or the other end is gone, and nothing to
  // read.
  Woken Wait(int fd, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

 private:
  UniqueFd bell_;  // an eventfd, rung by the stop; without one the stop is looked for ten times a second
};

}  // namespace glimpse::media
