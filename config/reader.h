// SPDX-License-Identifier: Apache-2.0
// Reads glimpsed.yaml and the files beside it, strictly.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace glimpse::config {

inline constexpr const char* kDefaultConfigPath = "/etc/glimpsed/glimpsed.yaml";

struct ReadOptions {
  // Where models, labels and pictures are looked for after the configuration's own folder: DIR/models/NAME for models
  // and labels, DIR/NAME for a camera's path. Default: the installed /usr/share/glimpsed.
  std::vector<std::string> data_folders = DefaultDataFolders();

  static std::vector<std::string> DefaultDataFolders();
};

// Reads `path`, then FOLDER-OF-PATH/conf.d/*.yaml in the order of their names, each laid on what came before: maps are
// merged key by key, anything else is replaced.
//
// What is accepted is exactly what config/glimpsed.yaml documents. A relative path is looked for in the folder of the
// file it is written in, then in `models` there, then likewise beside `path`, then in the data folders; Config holds
// what was found. Cameras that no pipeline uses are allowed.
//
// Errors, all kInvalidConfig and all "FILE:LINE:COLUMN: what is wrong; what to do": text that is not YAML, unknown or
// repeated keys, wrong types, values out of range, a file that is not there, a pipeline whose camera is not there, what
// this version does not have. The first one ends the reading. A configuration file that cannot be read names the file
// alone. Thread-safe.
Result<Config> LoadConfig(const std::string& path, const ReadOptions& options = {});

// Every key that LoadConfig accepts, with '*' for a name of the user's: "pipelines.*.decide.margin". Steps of
// `preprocess` appear as "pipelines.*.preprocess.NAME" and their settings below that. In the order of the schema.
std::vector<std::string> KnownKeys();

}  // namespace glimpse::config
