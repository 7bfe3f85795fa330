// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_input.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>

#include "base/file.h"
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
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error && program.string().starts_with(GLIMPSE_BUILD_DIR "/")) folders.emplace_back(GLIMPSE_SOURCE_MODELS);
  for (const std::string& folder : config::ReadOptions::DefaultDataFolders()) folders.push_back(folder + "/models");
  for (const std::string& folder : folders) {
    const std::string path = StrCat(folder, "/", kDefaultModel);
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
  PicturePipeline result{found->second, config.plugin_path, std::nullopt};
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
  result.pipeline.labels = LabelsBeside(result.pipeline.model);
  return result;
}

Result<media::InputSpec> PictureInputOf(const Model& model) {
  const auto fail = [&model](const std::string& problem) {
    return Unexpected(ErrorCode::kUnsupported, StrCat(model.path(), ": ", problem));
  };
  if (model.main().inputs.size() != 1)
    return fail(StrCat("has ", model.main().inputs.size(), " inputs; a picture fills one"));
  const TensorInfo& input = model.main().tensors[static_cast<size_t>(model.main().inputs[0])];
  media::InputSpec spec;
  if (input.type == DType::kFloat32) {
    spec.type = media::InputType::kFloat32;
  } else if (input.type == DType::kInt8 || input.type == DType::kUint8) {
    spec.type = input.type == DType::kInt8 ? media::InputType::kInt8 : media::InputType::kUint8;
    if (input.quantization.scales.size() != 1) return fail("its integer input has no scale");
    spec.scale = input.quantization.scales[0];
    spec.zero_point = input.quantization.zero_points[0];
  } else {
    return fail(StrCat("its input is ", DTypeName(input.type), "; pictures become int8, uint8 or float32"));
  }
  const std::vector<int32_t>& shape = input.shape;
  const bool batch = !shape.empty() && shape[0] == 1;
  const auto side = shape.size() == 2 ? static_cast<int32_t>(std::lround(std::sqrt(shape[1]))) : 0;
  if (batch && (shape.size() == 4 || shape.size() == 3)) {
    spec.height = shape[1];
    spec.width = shape[2];
    spec.channels = shape.size() == 4 ? shape[3] : 1;
  } else if (batch && shape.size() == 2 && int64_t{side} * side == shape[1]) {
    spec.height = spec.width = side;
    spec.channels = 1;
  } else {
    return fail(
        StrCat("its input has the shape [", StrJoin(shape, ", "), "], a picture's is [1, height, width, channels]"));
  }
  return spec;
}

Result<std::vector<std::string>> ReadLabels(const std::string& path, size_t count) {
  std::vector<std::string> labels;
  if (path.empty()) {
    for (size_t i = 0; i < count; ++i) labels.push_back(StrCat(i));
    return labels;
  }
  GLIMPSE_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, ReadFile(path, 1 << 20));
  for (std::string line : StrSplit({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, '\n')) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    labels.push_back(std::move(line));
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  if (labels.size() != count) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat(path, ": has ", labels.size(), " labels, the model tells ",
                                                        count, " classes; one a line"));
  }
  return labels;
}

}  // namespace glimpse::cli
