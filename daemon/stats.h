// SPDX-License-Identifier: Apache-2.0
// Counters of a pipeline, written by the inference thread and read by the one that serves.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace glimpse::daemon {

struct Percentiles {
  int64_t p50 = 0, p90 = 0, p99 = 0;
};

// A copy of the counters at one moment.
struct PipelineCounts {
  uint64_t predictions = 0;
  uint64_t unknown = 0;
  uint64_t errors = 0;
  std::string last_error;  // "" when there was none
  bool failing = false;    // the last frame could not be processed
  double rate_hz = 0;
  std::optional<Percentiles> preprocess_us, inference_us;
};

// Of the last 1,024 predictions. Thread-safe.
class PipelineStats {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void AddPrediction(bool ok, int64_t preprocess_us, int64_t inference_us, Time now);
  // True when `cause` is not what failed last, or the last frame did not fail: worth telling. `message` goes into
  // last_error.
  bool AddError(const std::string& message, const std::string& cause);
  PipelineCounts Snapshot(Time now) const;

 private:
  static constexpr size_t kWindow = 1024;
  struct Sample {
    int64_t preprocess_us, inference_us;
    Time time;
  };

  mutable std::mutex mutex_;
  PipelineCounts counts_;
  std::string last_cause_;
  std::array<Sample, kWindow> samples_{};
};

// Nearest-rank percentiles. REQUIRES: !values.empty().
Percentiles ComputePercentiles(std::vector<int64_t> values);

}  // namespace glimpse::daemon
