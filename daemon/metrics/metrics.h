// SPDX-License-Identifier: Apache-2.0
// The daemon's counters as metrics. Their names are part of its interface: glimpsed(8) lists them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/capture.h"
#include "daemon/metrics/totals.h"
#include "daemon/prediction.h"
#include "daemon/server/backend.h"
#include "daemon/stats.h"

namespace glimpse::daemon {

struct CameraMetrics {
  std::string name;
  CameraCounts counts;
};

struct PipelineMetrics {
  std::shared_ptr<const PipelineInfo> info;
  PipelineCounts counts;
  PipelineTotalsCopy totals;
  bool paused = false;
};

// Everything at one moment.
struct MetricsInput {
  std::string version;
  std::chrono::system_clock::time_point loaded;  // when the configuration that serves was read
  bool last_reload_good = true;
  ClientCounts clients;
  std::vector<CameraMetrics> cameras;
  std::vector<PipelineMetrics> pipelines;
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
  std::chrono::system_clock::time_point wall_now = std::chrono::system_clock::now();
};

// The whole text.
std::string MetricsText(const MetricsInput& input);

}  // namespace glimpse::daemon
