// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format, version 0.0.4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/metrics/totals.h"

namespace glimpse::daemon {

inline constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

using MetricLabels = std::vector<std::pair<std::string_view, std::string>>;

// Writes families one after the other. Not thread-safe.
class Exposition {
 public:
  // Begins a family; samples, histograms and summaries that follow belong to it. `type`: counter, gauge, histogram or
  // summary.
  void Family(std::string_view name, std::string_view type, std::string_view help);
  void Sample(const MetricLabels& labels, double value);
  void Add(const MetricLabels& labels, const Histogram& histogram);
  // A summary without quantiles.
  void Add(const MetricLabels& labels, double sum, uint64_t count);

  std::string Take() { return std::move(text_); }

 private:
  void Line(std::string_view suffix, const MetricLabels& labels, double value);

  std::string name_;
  std::string text_;
};

}  // namespace glimpse::daemon
