// SPDX-License-Identifier: Apache-2.0
#include "daemon/stats.h"

#include <algorithm>
#include <cmath>

namespace glimpse::daemon {

Percentiles ComputePercentiles(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  const auto rank = [&](double part) {
    const auto position = static_cast<size_t>(std::ceil(part * static_cast<double>(values.size())));
    return values[std::max<size_t>(position, 1) - 1];
  };
  return {rank(0.50), rank(0.90), rank(0.99)};
}

void PipelineStats::AddPrediction(bool ok, int64_t preprocess_us, int64_t inference_us, Time now) {
  const std::lock_guard lock(mutex_);
  samples_[counts_.predictions % kWindow] = {preprocess_us, inference_us, now};
  ++counts_.predictions;
  if (!ok) ++counts_.unknown;
  counts_.failing = false;
}

bool PipelineStats::AddError(const std::string& message, const std::string& cause) {
  const std::lock_guard lock(mutex_);
  const bool news = !counts_.failing || last_cause_ != cause;
  last_cause_ = cause;
  ++counts_.errors;
  counts_.failing = true;
  counts_.last_error = message;
  return news;
}

PipelineCounts PipelineStats::Snapshot(Time now) const {
  PipelineCounts counts;
  std::vector<int64_t> preprocess, inference;
  Time first = now, last = now;
  int64_t recent = 0;
  {
    const std::lock_guard lock(mutex_);
    counts = counts_;
    const auto filled = static_cast<size_t>(std::min<uint64_t>(counts_.predictions, kWindow));
    for (size_t i = 0; i < filled; ++i) {
      const Sample& sample = samples_[(counts_.predictions - filled + i) % kWindow];
      preprocess.push_back(sample.preprocess_us);
      inference.push_back(sample.inference_us);
      if (now - sample.time > std::chrono::seconds(10)) continue;
      if (recent++ == 0) first = sample.time;
      last = sample.time;
    }
  }
  const double seconds = std::chrono::duration<double>(last - first).count();
  if (recent > 1 && seconds > 0) counts.rate_hz = std::round(static_cast<double>(recent - 1) / seconds * 100) / 100;
  if (!preprocess.empty()) {
    counts.preprocess_us = ComputePercentiles(std::move(preprocess));
    counts.inference_us = ComputePercentiles(std::move(inference));
  }
  return counts;
}

}  // namespace glimpse::daemon
