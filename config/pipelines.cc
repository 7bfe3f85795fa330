// SPDX-License-Identifier: Apache-2.0
// The section pipelines.
#include "base/strings.h"
#include "config/schema.h"

namespace glimpse::config {
namespace {

constexpr size_t kMaxRegions = 256;
constexpr int64_t kMaxCoordinate = 65535;
constexpr int64_t kMaxModelLimit = int64_t{1} << 53;

Result<void> ReadTrigger(const Node& node, Trigger* trigger) {
  using Kind = Trigger::Kind;
  if (node.kind != Node::Kind::kMap) {
    static constexpr Kind kKinds[] = {Kind::kEveryFrame, Kind::kOnChange, Kind::kOnRequest};
    GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "trigger", {"every-frame", "on-change", "on-request"}));
    *trigger = {kKinds[index]};
    return {};
  }
  if (node.entries.size() != 1) {
    return ConfigError(node.place,
                       "'trigger' is one of every-frame, on-change, on-request, {every: 10s}, {on-change: 12}");
  }
  return ReadMap(node, "trigger",
                 {{"every",
                   [=](const Node& every) -> Result<void> {
                     *trigger = {Kind::kEvery};
                     GLIMPSE_ASSIGN_OR_RETURN(trigger->every_s, ReadDuration(every, "every", 0.001, 86400));
                     return {};
                   }},
                  {"on-change", [=](const Node& change) -> Result<void> {
                     *trigger = {Kind::kOnChange};
                     GLIMPSE_ASSIGN_OR_RETURN(const int64_t levels, ReadInteger(change, "on-change", 1, 255));
                     trigger->change = static_cast<int32_t>(levels);
                     return {};
                   }}});
}

Result<Region> ReadRegion(const Entry& entry) {
  GLIMPSE_RETURN_IF_ERROR(CheckName(entry.key, entry.place, "a region"));
  const std::string what = StrCat("region ", entry.key);
  if (entry.value.kind != Node::Kind::kSequence || entry.value.items.size() != 4) {
    return ConfigError(entry.value.place, StrCat("'", what, "' must be [X, Y, WIDTH, HEIGHT] in pixels"));
  }
  int64_t values[4];
  for (size_t i = 0; i < 4; ++i) {
    GLIMPSE_ASSIGN_OR_RETURN(values[i], ReadInteger(entry.value.items[i], what, i < 2 ? 0 : 1, kMaxCoordinate));
  }
  return Region{entry.key, static_cast<int32_t>(values[0]), static_cast<int32_t>(values[1]),
                static_cast<int32_t>(values[2]), static_cast<int32_t>(values[3])};
}

Result<void> ReadRegions(const Node& node, Pipeline* pipeline, const Scope& scope) {
  if (node.kind == Node::Kind::kNull) return {};
  if (node.kind != Node::Kind::kMap) {
    return ConfigError(node.place, "'regions' must be a map of NAME: [X, Y, WIDTH, HEIGHT]");
  }
  if (node.entries.size() > kMaxRegions) {
    return ConfigError(node.place, StrCat("there are ", node.entries.size(), " regions, the limit is ", kMaxRegions));
  }
  pipeline->regions.clear();
  for (const Entry& entry : node.entries) {
    GLIMPSE_ASSIGN_OR_RETURN(Region region, ReadRegion(entry));
    scope.Remember(StrCat("pipelines.", pipeline->name, ".regions.", region.name), entry.place);
    pipeline->regions.push_back(std::move(region));
  }
  return {};
}

Result<void> ReadOverrides(const Node& node, Kernels* kernels) {
  if (node.kind == Node::Kind::kNull) return {};
  if (node.kind != Node::Kind::kMap) {
    return ConfigError(node.place, "'override' must be a map of OPERATOR-OR-LAYER: PLUGIN");
  }
  for (const Entry& entry : node.entries) {
    if (entry.key.empty()) return ConfigError(entry.place, "an operator's or layer's name is missing");
    GLIMPSE_ASSIGN_OR_RETURN(kernels->overrides[entry.key], ReadText(entry.value, entry.key));
  }
  return {};
}

// The frame's size is known beforehand from cameras alone; pictures in a folder may each have their own.
Result<void> CheckRegionsFit(const Pipeline& pipeline, const Camera& camera, const Config& config) {
  if (camera.source != Camera::Source::kLibcamera && camera.source != Camera::Source::kV4l2) return {};
  for (const Region& region : pipeline.regions) {
    if (int64_t{region.x} + region.width <= camera.width && int64_t{region.y} + region.height <= camera.height)
      continue;
    const std::string key = StrCat("pipelines.", pipeline.name, ".regions.", region.name);
    return Unexpected(
        ErrorCode::kInvalidConfig,
        StrCat(config.PlaceOf(key), ": the region '", region.name, "' ends at ", int64_t{region.x} + region.width, "x",
               int64_t{region.y} + region.height, ", outside the picture of camera '", pipeline.camera, "', which is ",
               camera.width, "x", camera.height));
  }
  return {};
}

Result<void> CheckPipeline(const Pipeline& pipeline, const Entry& entry, const Scope& scope) {
  const std::string what = StrCat("pipelines.", pipeline.name);
  if (pipeline.camera.empty()) return ConfigError(entry.place, StrCat(what, " needs a 'camera'"));
  if (pipeline.model.empty()) return ConfigError(entry.place, StrCat(what, " needs a 'model'"));
  const auto camera = scope.config->cameras.find(pipeline.camera);
  if (camera == scope.config->cameras.end()) {
    std::vector<std::string> names;
    for (const auto& [name, ignored] : scope.config->cameras) names.push_back(name);
    return ConfigError(entry.value.Find("camera")->place,
                       StrCat("there is no camera '", Printable(pipeline.camera, 60), "'",
                              names.empty() ? "; the section 'cameras' is empty" : Suggestion(pipeline.camera, names)));
  }
  return CheckRegionsFit(pipeline, camera->second, *scope.config);
}

}  // namespace

std::vector<Field> KernelsFields(Kernels* kernels, const std::string& what) {
  return {{"use",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(kernels->use, ReadText(node, what + ".use"));
             return {};
           }},
          {"override", [=](const Node& node) { return ReadOverrides(node, kernels); }}};
}

std::vector<Field> ModelLimitFields(ModelLimits* limits) {
  const auto count = [](const std::string& key, uint64_t* target) {
    return Field{key, [=](const Node& node) -> Result<void> {
                   GLIMPSE_ASSIGN_OR_RETURN(const int64_t value, ReadInteger(node, key, 0, kMaxModelLimit));
                   *target = static_cast<uint64_t>(value);
                   return {};
                 }};
  };
  return {count("file_bytes", &limits->file_bytes),
          count("tensors", &limits->tensors),
          count("operators", &limits->operators),
          count("tensor_bytes", &limits->tensor_bytes),
          count("memory_bytes", &limits->memory_bytes),
          count("work", &limits->work),
          count("loop_iterations", &limits->loop_iterations),
          {"time", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(limits->seconds, ReadDuration(node, "time", 0, 86400));
             return {};
           }}};
}

std::vector<Field> DecideFields(Decide* decide) {
  return {{"margin",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(decide->margin, ReadNumber(node, "margin", 0, 1));
             return {};
           }},
          {"vote",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const int64_t vote, ReadInteger(node, "vote", 1, 99));
             decide->vote = static_cast<uint32_t>(vote);
             return {};
           }},
          {"blur",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(decide->blur_px, ReadNumber(node, "blur", 0, 1000));
             return {};
           }},
          {"stale", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(decide->stale_s, ReadDuration(node, "stale", 0, 86400));
             return {};
           }}};
}

std::vector<Field> KeepFields(Keep* keep) {
  return {IntegerField("frames", &keep->frames, 0, 1000), IntegerField("bytes", &keep->bytes, 0, 1 << 30)};
}

std::vector<Field> PipelineFields(Pipeline* pipeline, const Scope& scope) {
  const std::string what = StrCat("pipelines.", pipeline->name);
  // Every key's place is kept: model, kernels, numerics and steps are judged again by the engine.
  const auto field = [=](const std::string& key, const std::function<Result<void>(const Node&)>& read) {
    return Field{key, [=](const Node& node) {
                   scope.Remember(StrCat(what, ".", key), node.place);
                   return read(node);
                 }};
  };
  const auto text = [=](const std::string& key, std::string* target) {
    return field(key, [=](const Node& node) -> Result<void> {
      GLIMPSE_ASSIGN_OR_RETURN(*target, ReadText(node, key));
      return {};
    });
  };
  const auto file = [=](const std::string& key, std::string* target) {
    return field(key, [=](const Node& node) -> Result<void> {
      GLIMPSE_ASSIGN_OR_RETURN(*target, ReadPath(node, key, PathKind::kModelFile, scope));
      return {};
    });
  };
  return {text("camera", &pipeline->camera),
          field("trigger", [=](const Node& node) { return ReadTrigger(node, &pipeline->trigger); }),
          field("regions", [=](const Node& node) { return ReadRegions(node, pipeline, scope); }),
          field("preprocess",
                [=](const Node& node) -> Result<void> {
                  GLIMPSE_ASSIGN_OR_RETURN(pipeline->preprocess, ReadPreprocess(node, "preprocess"));
                  return {};
                }),
          file("model", &pipeline->model),
          file("labels", &pipeline->labels),
          text("numerics", &pipeline->numerics),
          field("kernels",
                [=](const Node& node) {
                  return ReadMap(node, what + ".kernels", KernelsFields(&pipeline->kernels, "kernels"));
                }),
          field("limits",
                [=](const Node& node) { return ReadMap(node, what + ".limits", ModelLimitFields(&pipeline->limits)); }),
          field("decide",
                [=](const Node& node) { return ReadMap(node, what + ".decide", DecideFields(&pipeline->decide)); }),
          field("keep", [=](const Node& node) { return ReadMap(node, what + ".keep", KeepFields(&pipeline->keep)); })};
}

Result<void> ReadPipelines(const Node& node, const Scope& scope) {
  if (node.kind == Node::Kind::kNull) return {};
  if (node.kind != Node::Kind::kMap) {
    return ConfigError(node.place, "'pipelines' must be a map of NAME: {camera: ..., model: ...}");
  }
  for (const Entry& entry : node.entries) {
    GLIMPSE_RETURN_IF_ERROR(CheckName(entry.key, entry.place, "a pipeline"));
    scope.Remember(StrCat("pipelines.", entry.key), entry.place);
    Pipeline pipeline;
    pipeline.name = entry.key;
    GLIMPSE_RETURN_IF_ERROR(ReadMap(entry.value, StrCat("pipelines.", entry.key), PipelineFields(&pipeline, scope)));
    GLIMPSE_RETURN_IF_ERROR(CheckPipeline(pipeline, entry, scope));
    scope.config->pipelines[entry.key] = std::move(pipeline);
  }
  return {};
}

}  // namespace glimpse::config
