// SPDX-License-Identifier: Apache-2.0
// Everything that one configuration stands for: a reload puts one generation in the place of another.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "daemon/capture.h"
#include "daemon/pipeline.h"
#include "daemon/prediction.h"
#include "daemon/worker.h"
#include "engine/plugin/plugin_host.h"

namespace glimpse::daemon {

// Does not change once it serves, but for what its pipelines and cameras do. Unchanged cameras and graphs are shared
// with the generation before.
struct Generation {
  config::Config config;
  std::shared_ptr<PluginHost> plugins;
  std::string plugins_description;                         // the member `plugins` of `describe`
  std::vector<std::shared_ptr<Pipeline>> pipelines;        // by name
  std::vector<std::shared_ptr<const PipelineInfo>> infos;  // of these
  std::vector<std::shared_ptr<Capture>> captures;          // by name; those that a pipeline uses

  Pipeline* Find(const std::string& pipeline) const;
  std::shared_ptr<Capture> FindCapture(const std::string& camera) const;
  // For the inference thread: each camera with its pipelines.
  Worker::Seats Seats() const;
};

// kInvalidConfig for a configuration without any pipeline.
Result<void> CheckHasPipelines(const config::Config& config);

// Loads the plugins of the configuration. Errors: kPlugin when one was refused, naming each; kInvalidConfig for a
// folder that is not there.
Result<std::shared_ptr<PluginHost>> LoadPlugins(const config::Config& config, const PluginGate& gate);

// Whether the configuration wants `camera` at all.
bool IsUsed(const config::Config& config, const std::string& camera);

// A generation without cameras: loads, binds and proves everything. For the start, when nothing serves yet. Errors:
// those of LoadPlugins, PlanGraph, BuildGraph, ProveGolden and Pipeline::Create.
Result<std::shared_ptr<Generation>> MakeGeneration(config::Config config, const PluginGate& gate);

// Fills infos and plugins_description from the rest.
void Describe(Generation& generation);

}  // namespace glimpse::daemon
