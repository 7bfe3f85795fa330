// SPDX-License-Identifier: Apache-2.0
// From picture files to a model's input, by a pipeline's steps or the default ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace CLI {
class App;
}

namespace glimpse::cli {

// Which steps to take: those of a pipeline in a configuration, or the default ones for a model.
struct PictureOptions {
  std::string config;    // --config
  std::string pipeline;  // --pipeline, when the configuration has several
  std::string region;    // --region, when the pipeline has several
  std::string model;     // --model
};

// Adds --config, --pipeline, --region and --model.
void AddPictureOptions(CLI::App& command, PictureOptions& options);

// A pipeline, as configured or by default: model, labels, steps, numerics and kernels; and the region to cut out.
struct PicturePipeline {
  config::Pipeline pipeline;
  std::vector<std::string> plugin_path;
  std::optional<config::Region> region;
  std::string labels_beside;  // for a model without labels of its own; "" when there is none
};

// --model alone (or nothing: the digits model that comes with glimpse) gives the default steps. Labels of a model named
// "digits-28x28.tflite" are looked for beside it, in "digits-28x28.txt", then "digits.txt".
// Errors: kInvalidConfig; kInvalidArgument for a pipeline or region that is not there, or must be chosen.
Result<PicturePipeline> FindPipeline(const PictureOptions& options);

}  // namespace glimpse::cli
