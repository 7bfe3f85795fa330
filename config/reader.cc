// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "config/schema.h"
#include "config/yaml_tree.h"

namespace glimpse::config {
namespace {

namespace fs = std::filesystem;

// Sections of the configuration that later versions have.
Field Later(const std::string& section) {
  return {section, [=](const Node& node) -> Result<void> {
            return ConfigError(node.place, StrCat("the section '", section, "' is not in this version; remove it"));
          }};
}

// The places of keys at the top are those of their values, which is what an error is about.
std::vector<Field> TopFields(const Scope& scope) {
  Config* config = scope.config;
  return {{"sockets", [=](const Node& node) { return ReadSockets(node, scope); }},
          {"cameras", [=](const Node& node) { return ReadCameras(node, scope); }},
          {"pipelines", [](const Node&) { return Result<void>(); }},  // after all cameras are known
          {"plugins", [=](const Node& node) { return ReadMap(node, "plugins", PluginsFields(config)); }},
          IntegerField("threads", &config->threads, 1, kMostThreads),
          Later("readings"),
          Later("mqtt"),
          Later("http"),
          {"reload", [=](const Node& node) { return ReadMap(node, "reload", ReloadFields(&config->reload)); }},
          {"metrics", [](const Node&) { return Result<void>(); }},  // after the sockets are known
          {"log", [=](const Node& node) { return ReadMap(node, "log", LogFields(&config->log)); }}};
}

// The files to read, in order.
Result<std::vector<std::string>> FindFiles(const std::string& path) {
  std::vector<std::string> files;
  const fs::path folder = fs::path(path).parent_path() / "conf.d";
  std::error_code error;
  if (fs::is_directory(folder, error)) {
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (entry->path().extension() == ".yaml") files.push_back(entry->path().string());
    }
    if (error) {
      return Unexpected(ErrorCode::kInvalidConfig, StrCat(folder.string(), ": cannot list: ", error.message()));
    }
  }
  std::sort(files.begin(), files.end());
  files.insert(files.begin(), path);
  return files;
}

void AppendKeys(const std::string& prefix, const std::vector<Field>& fields, std::vector<std::string>* keys) {
  for (const Field& field : fields) keys->push_back(prefix + field.key);
}

}  // namespace

std::string Config::PlaceOf(std::string key) const {
  while (!key.empty()) {
    if (const auto found = places.find(key); found != places.end()) return found->second;
    const size_t dot = key.rfind('.');
    key.resize(dot == std::string::npos ? 0 : dot);
  }
  return files.empty() ? "configuration" : files.front();
}

std::vector<std::string> ReadOptions::DefaultDataFolders() {
  std::vector<std::string> folders{GLIMPSE_DATA_FOLDER};
  if (folders[0] != "/usr/share/glimpsed") folders.push_back("/usr/share/glimpsed");
  return folders;
}

Result<Config> LoadConfig(const std::string& path, const ReadOptions& options) {
  Config config;
  GLIMPSE_ASSIGN_OR_RETURN(config.files, FindFiles(path));
  Sha256Stream hash;
  Node root{Node::Kind::kNull, {path, 1, 1}, {}, true, {}, {}};
  for (const std::string& file : config.files) {
    const auto bytes = ReadFile(file, kMaxYamlBytes);
    if (!bytes) return Unexpected(ErrorCode::kInvalidConfig, bytes.error().message);
    const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    hash.Add(*bytes);
    GLIMPSE_ASSIGN_OR_RETURN(Node tree, ParseYaml(text, file));
    if (tree.kind != Node::Kind::kNull && tree.kind != Node::Kind::kMap) {
      return ConfigError(tree.place, "a configuration must be a map of sections: sockets, cameras, pipelines, ...");
    }
    MergeYaml(std::move(tree), &root);
  }
  config.sha256 = Sha256Text(hash.Take());
  config.read_at = std::chrono::system_clock::now();
  const fs::path folder = fs::path(path).parent_path();
  const Scope scope{options, folder.string(), &config};
  GLIMPSE_RETURN_IF_ERROR(ReadMap(root, "the configuration", TopFields(scope)));
  if (const Node* pipelines = root.Find("pipelines")) GLIMPSE_RETURN_IF_ERROR(ReadPipelines(*pipelines, scope));
  if (const Node* metrics = root.Find("metrics")) GLIMPSE_RETURN_IF_ERROR(ReadMetrics(*metrics, &config));
  return config;
}

std::vector<std::string> KnownKeys() {
  // The schema is asked for its keys by building every list of fields on values that are thrown away.
  const ReadOptions options{{}};
  Config config;
  const Scope scope{options, "", &config};
  Camera camera;
  Pipeline pipeline;
  NormaliseStep step;
  double number = 0;
  bool flag = false;
  std::vector<std::string> keys;
  AppendKeys("", TopFields(scope), &keys);
  AppendKeys("sockets.", SocketsFields(&config.sockets), &keys);
  AppendKeys("sockets.read.", SocketFields(&config.sockets.read, "sockets.read"), &keys);
  AppendKeys("sockets.control.", SocketFields(&config.sockets.control, "sockets.control"), &keys);
  AppendKeys("cameras.*.", CameraFields(&camera, "", scope), &keys);
  AppendKeys("pipelines.*.", PipelineFields(&pipeline, scope), &keys);
  for (const std::string_view name : kPreprocessStepNames) {
    keys.push_back("pipelines.*.preprocess." + std::string(name));
  }
  ResizeStep resize;
  AppendKeys("pipelines.*.preprocess.resize.", ResizeFields(&resize), &keys);
  PerspectiveStep perspective;
  AppendKeys("pipelines.*.preprocess.perspective.", PerspectiveFields(&perspective, &flag), &keys);
  AppendKeys("pipelines.*.preprocess.normalise.", NormaliseFields(&step, &number, &number, &flag, &flag), &keys);
  AppendKeys("pipelines.*.kernels.", KernelsFields(&pipeline.kernels, "kernels"), &keys);
  AppendKeys("pipelines.*.limits.", ModelLimitFields(&pipeline.limits), &keys);
  AppendKeys("pipelines.*.decide.", DecideFields(&pipeline.decide), &keys);
  AppendKeys("pipelines.*.keep.", KeepFields(&pipeline.keep), &keys);
  AppendKeys("plugins.", PluginsFields(&config), &keys);
  AppendKeys("reload.", ReloadFields(&config.reload), &keys);
  AppendKeys("metrics.", MetricsFields(&config), &keys);
  AppendKeys("metrics.socket.", SocketFields(&config.metrics.socket, "metrics.socket"), &keys);
  AppendKeys("log.", LogFields(&config.log), &keys);
  return keys;
}

}  // namespace glimpse::config
