// SPDX-License-Identifier: Apache-2.0
#include "daemon/describe.h"

#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "daemon/json_text.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;

Json ResizeJson(const config::ResizeStep& resize) {
  const char* filter = resize.filter == config::ResizeStep::Filter::kBilinear ? "bilinear" : "area";
  if (resize.fit == config::ResizeStep::Fit::kStretch) return filter;
  return {{"filter", filter}, {"fit", "letterbox"}, {"fill", resize.fill}};
}

Json PerspectiveJson(const config::PerspectiveStep& perspective) {
  Json points = Json::array();
  for (const auto& [x, y] : perspective.points) points.push_back(Json::array({x, y}));
  Json json{{"points", std::move(points)}};
  if (perspective.size) json["size"] = Json::array({perspective.size->first, perspective.size->second});
  return json;
}

// A step without a setting is {NAME: true}.
Json StepJson(const config::PreprocessStep& step) {
  if (const auto* crop = std::get_if<config::CropStep>(&step)) {
    return {{"crop", Json::array({crop->x, crop->y, crop->width, crop->height})}};
  }
  if (const auto* rotate = std::get_if<config::RotateStep>(&step)) return {{"rotate", rotate->degrees}};
  if (const auto* perspective = std::get_if<config::PerspectiveStep>(&step)) {
    return {{"perspective", PerspectiveJson(*perspective)}};
  }
  if (const auto* colour = std::get_if<config::ColourStep>(&step)) {
    return {{"colour", colour->order == config::ColourStep::Order::kBgr ? "bgr" : "rgb"}};
  }
  if (const auto* resize = std::get_if<config::ResizeStep>(&step)) return {{"resize", ResizeJson(*resize)}};
  if (const auto* contrast = std::get_if<config::AutoContrastStep>(&step)) {
    return {{"auto-contrast", contrast->cutoff}};
  }
  if (const auto* threshold = std::get_if<config::ThresholdStep>(&step)) {
    return {{"threshold", threshold->level ? Json(*threshold->level) : Json("auto")}};
  }
  if (const auto* invert = std::get_if<config::InvertStep>(&step)) {
    constexpr const char* kModes[] = {"yes", "no", "auto"};
    return {{"invert", kModes[static_cast<size_t>(invert->mode)]}};
  }
  if (const auto* normalise = std::get_if<config::NormaliseStep>(&step)) {
    if (normalise->range) {
      return {{"normalise", {{"range", Json::array({normalise->range->first, normalise->range->second})}}}};
    }
    if (normalise->mean_std) {
      return {{"normalise", {{"mean", normalise->mean_std->first}, {"std", normalise->mean_std->second}}}};
    }
    return {{"normalise", Json::object()}};
  }
  return {{std::string(config::NameOf(step)), true}};
}

// Where a pixel's real value comes from: the model's metadata wins over a step, and without both it is pixel / 255.
Json NormalisationJson(const config::Pipeline& settings, const std::vector<media::Affine>& of_model) {
  if (of_model.empty()) {
    for (const config::PreprocessStep& step : settings.preprocess) {
      if (std::holds_alternative<config::NormaliseStep>(step)) return {{"from", "config"}};
    }
    return {{"from", "default"}};
  }
  Json mean = Json::array();
  Json deviation = Json::array();
  for (const media::Affine& channel : of_model) {
    mean.push_back(channel.mean);
    deviation.push_back(channel.std);
  }
  return {{"from", "model"}, {"mean", mean}, {"std", deviation}};
}

Json TensorsJson(const std::vector<TensorView>& tensors) {
  Json list = Json::array();
  for (const TensorView& tensor : tensors) {
    Json item{{"name", tensor.info->name}, {"type", DTypeName(tensor.info->type)}, {"shape", tensor.shape}};
    if (tensor.info->quantization.scales.size() == 1) {
      item["scale"] = tensor.info->quantization.scales[0];
      item["zero_point"] = tensor.info->quantization.zero_points[0];
    }
    list.push_back(std::move(item));
  }
  return list;
}

Json OperatorsJson(const Interpreter& interpreter) {
  Json list = Json::array();
  for (const PlannedOperator& planned : interpreter.plan()) {
    list.push_back({{"index", planned.info->index},
                    {"op", planned.info->ShortName()},
                    {"impl", planned.impl},
                    {"plugin", planned.plugin},
                    {"plugin_path", planned.plugin_path},
                    {"why", planned.why},
                    {"folded", planned.folded},
                    {"fused_into", planned.fused_into < 0 ? Json() : Json(planned.fused_into)},
                    {"macs", planned.macs}});
  }
  return list;
}

// What the golden file beside the model proved; null without one of this profile.
Json SelfTestJson(const Graph& graph) {
  if (!graph.plan.HasVectors()) return nullptr;
  const golden::Vectors& vectors = graph.plan.golden->vectors;
  return {{"golden", graph.plan.golden->path},
          {"samples", vectors.inputs.samples},
          {"operators", graph.golden_operators},
          {"oracle", vectors.oracle ? Json(vectors.oracle->runtime) : Json()}};
}

Json TriggerJson(const config::Trigger& trigger) {
  switch (trigger.kind) {
    case config::Trigger::Kind::kEveryFrame:
      return "every-frame";
    case config::Trigger::Kind::kEvery:
      return {{"every_s", trigger.every_s}};
    case config::Trigger::Kind::kOnChange:
      return {{"on-change", trigger.change}};
    case config::Trigger::Kind::kOnRequest:
      return "on-request";
  }
  return nullptr;
}

}  // namespace

std::string DescribePipeline(const config::Pipeline& settings, const Graph& graph, const PipelineFacts& facts) {
  const Interpreter& interpreter = *graph.interpreter;
  Json regions = Json::object();
  for (const config::Region& region : settings.regions) {
    regions[region.name] = {region.x, region.y, region.width, region.height};
  }
  Json steps = Json::array();
  for (const config::PreprocessStep& step : settings.preprocess) steps.push_back(StepJson(step));
  const Model& model = interpreter.model();
  return ToText({{"camera", settings.camera},
                 {"trigger", TriggerJson(settings.trigger)},
                 {"regions", regions},
                 {"model",
                  {{"path", model.path()},
                   {"sha256", model.sha256()},
                   {"description", model.description()},
                   {"inputs", TensorsJson(interpreter.inputs())},
                   {"outputs", TensorsJson(interpreter.outputs())},
                   {"macs", interpreter.macs()},
                   {"arena_bytes", interpreter.arena_bytes()}}},
                 {"numerics", settings.numerics},
                 {"kernels",
                  {{"use", settings.kernels.use},
                   {"override", settings.kernels.overrides},
                   {"set", settings.kernels.at_run_time}}},
                 {"self_test", SelfTestJson(graph)},
                 {"preprocess", steps},
                 {"normalisation", NormalisationJson(settings, facts.normalisation)},
                 {"scores", facts.probabilities ? "probabilities" : "softmax"},
                 {"labels", facts.labels},
                 {"labels_from", classifier::LabelSourceName(facts.label_source)},
                 {"decide",
                  {{"margin", settings.decide.margin},
                   {"vote", settings.decide.vote},
                   {"blur_px", settings.decide.blur_px},
                   {"stale_s", settings.decide.stale_s}}},
                 {"operators", OperatorsJson(interpreter)}});
}

std::string DescribePlugins(const PluginHost& plugins) {
  Json list = Json::array();
  for (const auto& plugin : plugins.plugins()) {
    list.push_back({{"name", plugin->name()}, {"version", plugin->version()}, {"path", plugin->path()}});
  }
  return ToText(list);
}

}  // namespace glimpse::daemon
