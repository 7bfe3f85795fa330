// SPDX-License-Identifier: Apache-2.0
// The request to the helper as JSON. Both ends are one program, so a text that does not fit is our own fault.
#include <nlohmann/json.hpp>
#include <span>

#include "base/strings.h"
#include "daemon/reload/trial.h"
#include "golden/golden_file.h"

namespace glimpse::daemon {
namespace {

using TrialJson = nlohmann::json;

TrialJson LimitsJson(const config::ModelLimits& limits) {
  return {{"file_bytes", limits.file_bytes},     {"tensors", limits.tensors},
          {"operators", limits.operators},       {"tensor_bytes", limits.tensor_bytes},
          {"memory_bytes", limits.memory_bytes}, {"work", limits.work},
          {"loops", limits.loop_iterations},     {"seconds", limits.seconds}};
}

config::ModelLimits LimitsFrom(const TrialJson& json) {
  config::ModelLimits limits;
  limits.file_bytes = json.at("file_bytes").get<uint64_t>();
  limits.tensors = json.at("tensors").get<uint64_t>();
  limits.operators = json.at("operators").get<uint64_t>();
  limits.tensor_bytes = json.at("tensor_bytes").get<uint64_t>();
  limits.memory_bytes = json.at("memory_bytes").get<uint64_t>();
  limits.work = json.at("work").get<uint64_t>();
  limits.loop_iterations = json.at("loops").get<uint64_t>();
  limits.seconds = json.at("seconds").get<double>();
  return limits;
}

TrialJson GraphJson(const TrialGraph& graph) {
  TrialJson vectors = TrialJson::array();
  for (const TrialVectors& each : graph.vectors) {
    vectors.push_back({{"what", each.what},
                       {"remedy", each.remedy},
                       {"made_up", each.made_up},
                       {"vectors", golden::FormatVectors(each.vectors)}});
  }
  return {{"pipeline", graph.pipeline},   {"model", graph.model},
          {"sha256", graph.sha256},       {"numerics", graph.numerics},
          {"use", graph.kernels.use},     {"override", graph.kernels.overrides},
          {"place", graph.kernels_place}, {"limits", LimitsJson(graph.limits)},
          {"vectors", std::move(vectors)}};
}

Result<TrialGraph> GraphFrom(const TrialJson& json) {
  TrialGraph graph;
  graph.pipeline = json.at("pipeline").get<std::string>();
  graph.model = json.at("model").get<std::string>();
  graph.sha256 = json.at("sha256").get<std::string>();
  graph.numerics = json.at("numerics").get<std::string>();
  graph.kernels.use = json.at("use").get<std::string>();
  graph.kernels.overrides = json.at("override").get<std::map<std::string, std::string>>();
  graph.kernels_place = json.at("place").get<std::string>();
  graph.limits = LimitsFrom(json.at("limits"));
  for (const TrialJson& each : json.at("vectors")) {
    const auto text = each.at("vectors").get<std::string>();
    auto vectors = golden::ParseVectors(std::as_bytes(std::span(text)), "vectors", golden::Expectations::kOptional);
    if (!vectors) return Unexpected(ErrorCode::kInternal, vectors.error().message);
    graph.vectors.push_back({each.at("what").get<std::string>(), each.at("remedy").get<std::string>(),
                             std::move(*vectors), each.at("made_up").get<bool>()});
  }
  return graph;
}

}  // namespace

std::string FormatTrial(const TrialRequest& request) {
  TrialJson graphs = TrialJson::array();
  for (const TrialGraph& graph : request.graphs) graphs.push_back(GraphJson(graph));
  return TrialJson{
      {"plugin_path", request.config.plugin_path}, {"plugin_place", request.config.PlaceOf("plugins.path")},
      {"threads", request.config.threads},         {"seconds", request.seconds},
      {"vector_seconds", request.vector_seconds},  {"graphs", std::move(graphs)}}
      .dump(-1, ' ', false, TrialJson::error_handler_t::replace);
}

Result<TrialRequest> ParseTrial(const std::string& text) {
  TrialRequest request;
  try {
    const TrialJson json = TrialJson::parse(text);
    request.config.plugin_path = json.at("plugin_path").get<std::vector<std::string>>();
    request.config.places["plugins.path"] = json.at("plugin_place").get<std::string>();
    request.config.threads = json.at("threads").get<uint32_t>();
    request.seconds = json.at("seconds").get<double>();
    request.vector_seconds = json.at("vector_seconds").get<double>();
    for (const TrialJson& each : json.at("graphs")) {
      GLIMPSE_ASSIGN_OR_RETURN(TrialGraph graph, GraphFrom(each));
      request.graphs.push_back(std::move(graph));
    }
  } catch (const TrialJson::exception& error) {
    return Unexpected(ErrorCode::kInternal, StrCat("the request for a trial cannot be read: ", error.what()));
  }
  return request;
}

}  // namespace glimpse::daemon
