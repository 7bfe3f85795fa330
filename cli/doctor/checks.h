// SPDX-License-Identifier: Apache-2.0
// What `glimpse doctor` looks at, each check by itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/device_access.h"

namespace glimpse::cli {

enum class Level { kOk, kWarning, kProblem };

struct Finding {
  Level level = Level::kOk;
  std::string check;  // "groups", "devices", "busy", "dma_heap", "libcamera", "config", "plugins", "clock", "disk"
  std::string what;
  std::string remedy;  // "" when there is nothing to do
};
using Findings = std::vector<Finding>;

// What is examined: a machine, or a folder that holds its files.
struct Patient {
  media::SystemRoot root;
  std::string user;         // who runs the daemon
  std::string config_path;  // of the configuration, within the root
  // The configuration, once it was read.
  std::optional<config::Config> config;

  // Whether some camera is of `source`; without a configuration any may come to be.
  bool Uses(config::Camera::Source source) const;
};

// Reads the configuration. Fills patient.config.
Findings CheckConfig(Patient& patient);
// The plugins, and whether they have what the pipelines' models need.
Findings CheckPlugins(const Patient& patient);
Findings CheckLibcamera(const Patient& patient);

// Whether `user` may open the cameras, by which group; whether cameras are there; who holds them.
Findings CheckGroups(const Patient& patient);
Findings CheckDevices(const Patient& patient);
Findings CheckBusy(const Patient& patient);
Findings CheckDmaHeap(const Patient& patient);

Findings CheckClock(const Patient& patient);
Findings CheckDisk(const Patient& patient);

}  // namespace glimpse::cli
