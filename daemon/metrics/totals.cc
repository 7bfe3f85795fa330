// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/totals.h"

#include <algorithm>

namespace glimpse::daemon {

void Histogram::Add(int64_t microseconds) {
  const double seconds = static_cast<double>(microseconds) / 1e6;
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts[static_cast<size_t>(bound - kBounds.begin())];
  sum += seconds;
}

PipelineTotals::PipelineTotals() {
  // Those that can come are there from the start: a rate needs a first value.
  for (const char* reason : {"blank", "low-margin", "stale"}) totals_.by_reason[reason] = 0;
}

void PipelineTotals::Add(const Prediction& prediction) {
  const std::lock_guard lock(mutex_);
  const Decision& decision = prediction.decision;
  if (decision.ok) {
    ++totals_.by_label[prediction.pipeline->labels[static_cast<size_t>(decision.index)]];
  } else {
    ++totals_.by_reason[decision.reason];
    if (decision.reason == "stale") return;  // nothing was computed
  }
  totals_.preprocess.Add(prediction.preprocess_us);
  totals_.inference.Add(prediction.inference_us);
}

void PipelineTotals::Add(const std::vector<OperatorTime>& times) {
  const std::lock_guard lock(mutex_);
  for (const OperatorTime& time : times) {
    auto known = std::find_if(totals_.operators.begin(), totals_.operators.end(),
                              [&](const OperatorTime& each) { return each.op == time.op; });
    if (known == totals_.operators.end()) known = totals_.operators.insert(known, {time.op, 0, 0});
    known->seconds += time.seconds;
    known->count += time.count;
  }
}

PipelineTotalsCopy PipelineTotals::Copy() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace glimpse::daemon
