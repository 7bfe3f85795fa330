// SPDX-License-Identifier: Apache-2.0
// From scores to an answer, or to "unknown" with a reason.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "config/config.h"
#include "daemon/prediction.h"

namespace glimpse::daemon {

// The index of the largest score, the lower one of equals, and its lead over the second. One class leads by its score.
// REQUIRES: !scores.empty().
struct Best {
  int index = 0;
  double margin = 0;
};
Best FindBest(std::span<const double> scores);

// Whether there is anything that the scores could be about.
enum class Sight { kClear, kBlank, kBlurred };

// The answer of a single frame, no vote.
Decision DecideOnce(std::span<const double> scores, Sight sight, double margin);

// Decides for one region, frame after frame. Not thread-safe.
class Decider {
 public:
  explicit Decider(const config::Decide& settings) : settings_(settings) {}

  // With vote > 1: the class, or "unknown", that more than half of the last `vote` frames say (of those seen, while
  // they are fewer). Without such a majority: unknown, for this frame's reason if it has one, else "low-margin".
  Decision Decide(std::span<const double> scores, Sight sight);
  // Forgets the frames so far: after a gap they say nothing about what comes.
  void Reset() { recent_.clear(); }

 private:
  config::Decide settings_;
  std::deque<int> recent_;  // indices, -1 unknown; at most `vote`
};

}  // namespace glimpse::daemon
