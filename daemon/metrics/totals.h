// SPDX-License-Identifier: Apache-2.0
// What a pipeline counts since the start, for the metrics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "daemon/prediction.h"

namespace glimpse::daemon {

// A histogram as Prometheus has it: for each bound how many values were at most that, here not yet added up.
struct Histogram {
  // Seconds. From what the smallest models take on a fast machine to what nobody would wait for.
  static constexpr std::array<double, 14> kBounds{50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3,
                                                  10e-3, 20e-3,  50e-3,  0.1,    0.2,  0.5,  1};
  std::array<uint64_t, kBounds.size() + 1> counts{};  // the last: above every bound
  double sum = 0;

  void Add(int64_t microseconds);
};

// A copy at one moment.
struct PipelineTotalsCopy {
  std::map<std::string, uint64_t> by_label;   // answers; classes may share a label, and a reload may bring others
  std::map<std::string, uint64_t> by_reason;  // of "unknown"
  Histogram preprocess, inference;
};

// Thread-safe.
class PipelineTotals {
 public:
  PipelineTotals();

  void Add(const Prediction& prediction);
  PipelineTotalsCopy Copy() const;

 private:
  mutable std::mutex mutex_;
  PipelineTotalsCopy totals_;
};

}  // namespace glimpse::daemon
