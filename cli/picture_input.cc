// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_input.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/build_tree.h"
#include "base/strings.h"
#include "config/reader.h"

namespace glimpse::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultModel = "digits-28x28.tflite";

// The shipped model: among the installed data, or in the source tree for a program that runs from its build tree.
std::string DefaultModel() {
  std::vector<std::string> folders;
  std::error_code error;
  if (!BuildTreeOfThisProgram().empty()) folders.emplace_back(GLIMPSE_SOURCE_MODELS);
  for (const std::string& folder : config::ReadOptions::DefaultDataFolders()) folders.push_back(folder + "/models");
  for (const std::string& folder : folders) {
    std::string path = StrCat(folder, "/", kDefaultModel);
    if (fs::exists(path, error)) return path;
  }
  return StrCat(folders.back(), "/", kDefaultModel);
}

std::string LabelsBeside(const std::string& model) {
  fs::path path(model);
  std::error_code error;
  path.replace_extension(".txt");
  if (fs::is_regular_file(path, error)) return path.string();
  const std::string stem = path.stem().string();
  path.replace_filename(stem.substr(0, stem.find('-')) + ".txt");
  return fs::is_regular_file(path, error) ? path.string() : "";
}

template <typename Names>
Unexpected Choose(const std::string& option, const std::string& given, const std::string& file, const Names& names) {
  return Unexpected(ErrorCode::kInvalidArgument,
                    StrCat(file, ": ", given.empty() ? StrCat("choose with ", option) : StrCat("has no ", given),
                           "; there are: ", StrJoin(names, ", ")));
}

Result<PicturePipeline> FromConfig(const PictureOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(const config::Config config, config::LoadConfig(options.config));
  std::vector<std::string> names;
  for (const auto& [name, pipeline] : config.pipelines) names.push_back(name);
  const std::string wanted = options.pipeline.empty() && names.size() == 1 ? names[0] : options.pipeline;
  const auto found = config.pipelines.find(wanted);
  if (found == config.pipelines.end()) return Choose("--pipeline", wanted, options.config, names);
  PicturePipeline result{found->second, config.plugin_path, std::nullopt, ""};
  if (!options.model.empty()) result.pipeline.model = options.model;
  std::vector<std::string> regions;
  for (const config::Region& region : result.pipeline.regions) regions.push_back(region.name);
  if (regions.empty() && options.region.empty()) return result;
  const std::string region = options.region.empty() && regions.size() == 1 ? regions[0] : options.region;
  for (const config::Region& each : result.pipeline.regions) {
    if (each.name == region) result.region = each;
  }
  if (!result.region) return Choose("--region", region, StrCat(options.config, ": pipeline ", wanted), regions);
  return result;
}

}  // namespace

void AddPictureOptions(CLI::App& command, PictureOptions& options) {
  command.add_option("--config", options.config, "Take the steps and the model of a pipeline in this glimpsed.yaml")
      ->type_name("FILE");
  command.add_option("--pipeline", options.pipeline, "Which pipeline, when the configuration has several")
      ->type_name("NAME");
  command.add_option("--region", options.region, "Which region, when the pipeline has several")->type_name("NAME");
  command
      .add_option("--model", options.model,
                  "The model (default: the pipeline's, or the digits model that comes with glimpse)")
      ->type_name("FILE");
}

Result<PicturePipeline> FindPipeline(const PictureOptions& options) {
  if (!options.config.empty()) return FromConfig(options);
  if (!options.pipeline.empty() || !options.region.empty()) {
    return Unexpected(ErrorCode::kInvalidArgument, "--pipeline and --region need --config");
  }
  PicturePipeline result;
  result.pipeline.model = options.model.empty() ? DefaultModel() : options.model;
  result.labels_beside = LabelsBeside(result.pipeline.model);
  return result;
}

}  // namespace glimpse::cli
