// SPDX-License-Identifier: Apache-2.0
#include "daemon/generation.h"

#include <utility>

#include "base/strings.h"
#include "daemon/describe.h"

namespace glimpse::daemon {

Pipeline* Generation::Find(const std::string& pipeline) const {
  for (const auto& each : pipelines) {
    if (each->info()->name == pipeline) return each.get();
  }
  return nullptr;
}

std::shared_ptr<Capture> Generation::FindCapture(const std::string& camera) const {
  for (const auto& each : captures) {
    if (each->name() == camera) return each;
  }
  return nullptr;
}

Worker::Seats Generation::Seats() const {
  Worker::Seats seats;
  for (const auto& capture : captures) {
    Worker::Seat& seat = seats.emplace_back();
    seat.camera = capture;
    for (const auto& pipeline : pipelines) {
      if (pipeline->info()->camera == capture->name()) seat.pipelines.push_back(pipeline);
    }
  }
  return seats;
}

Result<void> CheckHasPipelines(const config::Config& config) {
  if (!config.pipelines.empty()) return {};
  return Unexpected(
      ErrorCode::kInvalidConfig,
      StrCat(config.files.front(),
             ": has no pipeline, so there is nothing to do; the smallest useful file "
             "is 'cameras: {front: {}}' and 'pipelines: {digits: {camera: front, model: digits-28x28.tflite}}'"));
}

Result<std::shared_ptr<PluginHost>> LoadPlugins(const config::Config& config, const PluginGate& gate) {
  auto plugins = PluginHost::Load(config.plugin_path, CpuInfo::Detect(), gate);
  if (!plugins) {
    Error error = std::move(plugins).error();
    if (config.plugin_path.empty()) return Unexpected(std::move(error));
    // A folder that is not there is a mistake in the file that names it.
    if (error.code == ErrorCode::kIo) error.code = ErrorCode::kInvalidConfig;
    return Unexpected(error.code, StrCat(config.PlaceOf("plugins.path"), ": ", error.message));
  }
  std::vector<std::string> refused;
  for (const PluginRefusal& refusal : (*plugins)->refusals()) {
    refused.push_back(refusal.reason.starts_with(refusal.path) ? refusal.reason
                                                               : StrCat(refusal.path, ": ", refusal.reason));
  }
  if (refused.empty()) return plugins;
  return Unexpected(ErrorCode::kPlugin, StrCat(StrJoin(refused, "; "), "; repair or remove the plugin"));
}

bool IsUsed(const config::Config& config, const std::string& camera) {
  for (const auto& [name, pipeline] : config.pipelines) {
    if (pipeline.camera == camera) return true;
  }
  return false;
}

Result<std::shared_ptr<Generation>> MakeGeneration(config::Config config, const PluginGate& gate) {
  GLIMPSE_RETURN_IF_ERROR(CheckHasPipelines(config));
  auto generation = std::make_shared<Generation>();
  generation->config = std::move(config);
  GLIMPSE_ASSIGN_OR_RETURN(generation->plugins, LoadPlugins(generation->config, gate));
  for (const auto& [name, settings] : generation->config.pipelines) {
    GLIMPSE_ASSIGN_OR_RETURN(GraphPlan plan, PlanGraph(generation->config, settings, nullptr));
    GLIMPSE_ASSIGN_OR_RETURN(auto graph, BuildGraph(std::move(plan), generation->plugins));
    WrongKernel wrong;
    GLIMPSE_RETURN_IF_ERROR(ProveGolden(*graph, nullptr, &wrong));
    GLIMPSE_ASSIGN_OR_RETURN(auto pipeline, Pipeline::Create(generation->config, settings, std::move(graph)));
    generation->pipelines.push_back(std::move(pipeline));
  }
  Describe(*generation);
  return generation;
}

void Describe(Generation& generation) {
  generation.infos.clear();
  for (const auto& pipeline : generation.pipelines) generation.infos.push_back(pipeline->info());
  generation.plugins_description = DescribePlugins(*generation.plugins);
}

}  // namespace glimpse::daemon
