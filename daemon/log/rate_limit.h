// SPDX-License-Identifier: Apache-2.0
// How often one kind of message may be said.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace glimpse::daemon {

// Of each kind at most `burst` in an interval, which begins with the first of them. Not thread-safe.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `burst` 0: no limit.
  RateLimit(uint32_t burst, std::chrono::steady_clock::duration interval) : burst_(burst), interval_(interval) {}

  // Whether one more of `kind` may be said at `now`. REQUIRES: Ended(now) was called before, so that an interval that
  // is over has been told of.
  bool Allow(const std::string& kind, Time now) {
    if (burst_ == 0) return true;
    Window& window = windows_.try_emplace(kind, Window{now, 0, 0}).first->second;
    if (window.said < burst_) return ++window.said, true;
    ++window.left_out;
    return false;
  }

  // Forgets the intervals that are over at `now`; gives the kinds of which some were left out, and how many.
  std::vector<std::pair<std::string, uint64_t>> Ended(Time now) {
    std::vector<std::pair<std::string, uint64_t>> ended;
    for (auto window = windows_.begin(); window != windows_.end();) {
      if (now - window->second.began < interval_) {
        ++window;
        continue;
      }
      if (window->second.left_out > 0) ended.emplace_back(window->first, window->second.left_out);
      window = windows_.erase(window);
    }
    return ended;
  }

 private:
  struct Window {
    Time began;
    uint32_t said;
    uint64_t left_out;
  };
  uint32_t burst_;
  std::chrono::steady_clock::duration interval_;
  std::map<std::string, Window> windows_;  // of kinds that the program has, of which there are few
};

}  // namespace glimpse::daemon
