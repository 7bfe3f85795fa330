// SPDX-License-Identifier: Apache-2.0
// Our own parts: configuration, plugins, the libcamera module.
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/strings.h"
#include "cli/doctor/checks.h"
#include "config/reader.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"
#include "media/module_loader.h"

namespace glimpse::cli {

namespace {

// "" when the pipeline's model can be bound to kernels.
std::string WhyItCannotRun(const config::Pipeline& pipeline, const std::shared_ptr<const PluginHost>& plugins) {
  const auto model = Model::Load(pipeline.model);
  if (!model) return model.error().message;
  InterpreterOptions options;
  options.numerics = pipeline.numerics;
  const auto interpreter = Interpreter::Create(*model, plugins, options);
  return interpreter ? "" : interpreter.error().message;
}

}  // namespace

bool Patient::Uses(config::Camera::Source source) const {
  if (!config) return true;
  for (const auto& [name, camera] : config->cameras) {
    if (camera.source == source) return true;
  }
  return false;
}

Findings CheckConfig(Patient& patient) {
  const std::string path = patient.root.At(patient.config_path);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return {
        {Level::kWarning, "config", StrCat("there is no ", path), "install the package glimpsed, or give --config"}};
  }
  config::ReadOptions options;
  for (std::string& folder : options.data_folders) folder = patient.root.At(folder);
  auto config = config::LoadConfig(path, options);
  if (!config) {
    return {{Level::kProblem, "config", config.error().message, "'glimpsed --check' says whether it is accepted"}};
  }
  patient.config = std::move(*config);
  return {{Level::kOk, "config", StrCat(path, " is accepted"), ""}};
}

Findings CheckPlugins(const Patient& patient) {
  const std::vector<std::string> path = patient.config ? patient.config->plugin_path : std::vector<std::string>();
  const auto loaded = PluginHost::Load(path, CpuInfo::Detect());
  if (!loaded) {
    return {{Level::kProblem, "plugins", loaded.error().message, "install the package glimpse-tools anew"}};
  }
  const std::shared_ptr<const PluginHost> host = *loaded;
  Findings findings;
  for (const PluginRefusal& refusal : host->refusals()) {
    findings.push_back({Level::kProblem, "plugins",
                        StrCat(refusal.path, " is refused: ", Printable(refusal.reason, 400)),
                        "repair or remove it; 'glimpse plugins' shows all"});
  }
  if (host->plugins().empty()) {
    findings.push_back({Level::kProblem, "plugins", "there is no kernel plugin, so no model can run",
                        "install the package glimpse-tools anew, or see plugins.path and GLIMPSE_PLUGIN_PATH"});
    return findings;
  }
  if (patient.config) {
    for (const auto& [name, pipeline] : patient.config->pipelines) {
      const std::string missing = WhyItCannotRun(pipeline, host);
      if (missing.empty()) continue;
      findings.push_back({Level::kProblem, "plugins", StrCat("pipeline '", name, "': ", missing),
                          "'glimpse plugins' lists what the plugins have"});
    }
  }
  if (findings.empty()) {
    findings.push_back({Level::kOk, "plugins", StrCat(host->plugins().size(), " loaded, none refused"), ""});
  }
  return findings;
}

Findings CheckLibcamera(const Patient& patient) {
  const Level level =
      patient.config && patient.Uses(config::Camera::Source::kLibcamera) ? Level::kProblem : Level::kWarning;
  const auto cameras = media::ListLibcamera();
  if (!cameras) return {{level, "libcamera", cameras.error().message, ""}};
  if (cameras->empty()) {
    return {{level, "libcamera", "libcamera finds no camera",
             "see 'devices' and 'groups' above, and what 'cam --list' says as the daemon's user"}};
  }
  return {{Level::kOk, "libcamera", StrCat("libcamera finds ", cameras->size(), " cameras"), ""}};
}

}  // namespace glimpse::cli
