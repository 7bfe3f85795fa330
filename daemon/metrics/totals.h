// SPDX-License-Identifier: Apache-2.0
// What a pipeline counts since the start, for the metrics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

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

// Time spent in operators of one type.
struct OperatorTime {
  std::string op;  // "CONV_2D"
  double seconds = 0;
  uint64_t count = 0;  // how often one ran
};

// A copy at one moment.
struct PipelineTotalsCopy {
  std::map<std::string, uint64_t> by_label;   // answers; classes may share a label, and a reload may bring others
  std::map<std::string, uint64_t> by_reason;  // of "unknown"
  Histogram preprocess, inference;
  std::vector<OperatorTime> operators;  // of the inferences that were timed operator by operator
};

// Thread-safe.
class PipelineTotals {
 public:
  PipelineTotals();

  void Add(const Prediction& prediction);
  // A type that comes for the first time allocates.
  void Add(const std::vector<OperatorTime>& times);
  PipelineTotalsCopy Copy() const;

 private:
  mutable std::mutex mutex_;
  PipelineTotalsCopy totals_;
};

}  // namespace glimpse::daemon
