// SPDX-License-Identifier: Apache-2.0
// The keys of the configuration, section by section. Internal to config/.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/fields.h"
#include "config/reader.h"

namespace glimpse::config {

// What reading a section needs beside its node.
struct Scope {
  const ReadOptions& options;
  std::string main_folder;  // of the first file
  Config* config;

  // Remembers where `key` was written.
  void Remember(const std::string& key, const Place& place) const { config->places[key] = place.ToString(); }
};

enum class PathKind { kModelFile, kPicturesOrFile };

// Finds the file or folder that `node` names (see LoadConfig). Errors: kInvalidConfig listing where it was looked for.
Result<std::string> ReadPath(const Node& node, const std::string& key, PathKind kind, const Scope& scope);

// Fields of one map each. They write into their argument, which must outlive them.
// `name` is the map's, "sockets.read".
std::vector<Field> SocketFields(Socket* socket, const std::string& name);
std::vector<Field> SocketsFields(Sockets* sockets);
std::vector<Field> CameraFields(Camera* camera, const std::string& name, const Scope& scope);
std::vector<Field> PipelineFields(Pipeline* pipeline, const Scope& scope);
std::vector<Field> KernelsFields(Kernels* kernels, const std::string& what);
std::vector<Field> ModelLimitFields(ModelLimits* limits);
std::vector<Field> DecideFields(Decide* decide);
std::vector<Field> KeepFields(Keep* keep);
std::vector<Field> MetricsFields(Config* config);
std::vector<Field> PluginsFields(Config* config);
std::vector<Field> ReloadFields(Reload* reload);
std::vector<Field> LogFields(Log* log);
std::vector<Field> NormaliseFields(NormaliseStep* step, double* mean, double* std, bool* has_mean, bool* has_std);
std::vector<Field> ResizeFields(ResizeStep* step);
std::vector<Field> PerspectiveFields(PerspectiveStep* step, bool* has_points);

// Whole sections.
Result<void> ReadSockets(const Node& node, const Scope& scope);
Result<void> ReadMetrics(const Node& node, Config* config);
Result<void> ReadCameras(const Node& node, const Scope& scope);
Result<void> ReadPipelines(const Node& node, const Scope& scope);
Result<std::vector<PreprocessStep>> ReadPreprocess(const Node& node, const std::string& key);

}  // namespace glimpse::config
