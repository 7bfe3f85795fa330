// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/operator_timer.h"

#include <algorithm>

namespace glimpse::daemon {

OperatorTimer::OperatorTimer(const Interpreter& interpreter) {
  for (const PlannedOperator& op : interpreter.plan()) {
    if (op.folded || op.fused_into >= 0) {
      type_of_.push_back(-1);
      continue;
    }
    const std::string type = op.info->ShortName();
    const auto known = std::find_if(times_.begin(), times_.end(), [&](const auto& each) { return each.op == type; });
    type_of_.push_back(static_cast<int>(known - times_.begin()));
    if (known == times_.end()) times_.push_back({type, 0, 0});
  }
}

void OperatorTimer::Before(const PlannedOperator&) { start_ = std::chrono::steady_clock::now(); }

Result<void> OperatorTimer::After(const PlannedOperator& op) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
  const int type = type_of_[static_cast<size_t>(op.info->index)];
  if (type < 0) return {};
  OperatorTime& time = times_[static_cast<size_t>(type)];
  time.seconds += took.count();
  ++time.count;
  return {};
}

void OperatorTimer::Clear() {
  for (OperatorTime& time : times_) {
    time.seconds = 0;
    time.count = 0;
  }
}

}  // namespace glimpse::daemon
