// SPDX-License-Identifier: Apache-2.0
// How long each type of operator takes, for the metrics.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "daemon/metrics/totals.h"
#include "engine/run/interpreter.h"

namespace glimpse::daemon {

// Times the operators of one inference at a time. Belongs to the inference thread. Nothing is allocated after it was
// made.
class OperatorTimer final : public OperatorObserver {
 public:
  explicit OperatorTimer(const Interpreter& interpreter);

  // Timing takes two looks at the clock for each operator, which small ones would notice: one inference in so many.
  static constexpr int kEvery = 16;

  void Before(const PlannedOperator& op) override;
  Result<void> After(const PlannedOperator& op) override;

  // What the inference that just ended took, for each type; a chain of operators counts for its first one.
  const std::vector<OperatorTime>& times() const { return times_; }
  // To be called before the next inference.
  void Clear();

 private:
  std::vector<OperatorTime> times_;  // by type
  std::vector<int>
      type_of_;  // of each operator, its place in times_; -1: it runs in another one's kernel, or ran at set-up
  std::chrono::steady_clock::time_point start_;
};

}  // namespace glimpse::daemon
