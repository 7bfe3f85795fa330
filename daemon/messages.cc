// SPDX-License-Identifier: Apache-2.0
#include "daemon/messages.h"

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "daemon/json_text.h"

namespace glimpse::daemon {
namespace {

using OrderedJson = nlohmann::ordered_json;  // members in the order of the documentation

std::string Text(const OrderedJson& value) { return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

OrderedJson PercentilesJson(const Percentiles& percentiles) {
  return {{"p50", percentiles.p50}, {"p90", percentiles.p90}, {"p99", percentiles.p99}};
}

}  // namespace

std::string FormatTime(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char text[64];
  const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof(fraction), ".%03dZ", static_cast<int>((since - seconds).count()));
  return std::string(text, length) + fraction;
}

std::string PredictionMembers(const Prediction& prediction) {
  const Decision& decision = prediction.decision;
  OrderedJson members;
  members["pipeline"] = prediction.pipeline->name;
  members["region"] = prediction.region;
  if (prediction.has_frame) members["frame"] = prediction.frame;
  members["time"] = FormatTime(prediction.time);
  members["status"] = decision.ok ? "ok" : "unknown";
  if (decision.ok) {
    members["label"] = prediction.pipeline->labels[static_cast<size_t>(decision.index)];
    members["index"] = decision.index;
  } else {
    members["reason"] = decision.reason;
    members["label"] = nullptr;
    members["index"] = nullptr;
  }
  members["score"] = decision.score;
  members["scores"] = prediction.scores;
  if (prediction.has_frame) {
    members["age_us"] = prediction.age_us;
    members["captured_us"] =
        std::chrono::duration_cast<std::chrono::microseconds>(prediction.captured.time_since_epoch()).count();
  }
  members["latency_us"] = {{"preprocess", prediction.preprocess_us}, {"inference", prediction.inference_us}};
  members["model"] = prediction.pipeline->model_sha256;
  members["numerics"] = prediction.pipeline->numerics;
  members["config"] = prediction.pipeline->config_sha256;
  if (prediction.has_frame) members["origin"] = prediction.origin;
  std::string text = Text(members);
  text.pop_back();  // the closing brace
  return text;
}

std::string PredictionLine(const std::string& members, uint64_t dropped, int subscription) {
  // Once for each client and message, so without streams.
  std::string line;
  line.reserve(members.size() + 120);
  line += R"({"jsonrpc":"2.0","method":"prediction","params":)";
  line += members;
  line += ",\"dropped\":";
  line += std::to_string(dropped);
  line += ",\"subscription\":";
  line += std::to_string(subscription);
  line += "}}\n";
  return line;
}

std::string EventLine(const Event& event) {
  OrderedJson params{{"event", event.event}, {"time", FormatTime(event.time)}};
  for (const auto& [key, value] : event.members) params[key] = value;
  return Text({{"jsonrpc", "2.0"}, {"method", "event"}, {"params", params}}) + "\n";
}

std::string CameraStatus(const config::Camera& camera, const CameraCounts& counts,
                         std::chrono::steady_clock::time_point now) {
  constexpr const char* kSources[] = {"libcamera", "v4l2", "files", "idx", "video"};
  OrderedJson status{{"source", kSources[static_cast<size_t>(camera.source)]},
                     {"state", CameraStateName(counts.state)},
                     {"frames", counts.frames},
                     {"dropped", counts.dropped},
                     {"skipped", counts.skipped},
                     {"last_error", counts.last_error}};
  if (counts.last_frame) {
    status["last_frame_age_us"] =
        std::chrono::duration_cast<std::chrono::microseconds>(now - *counts.last_frame).count();
  }
  return Text(status);
}

std::string PipelineStatus(const PipelineInfo& info, const PipelineCounts& counts, bool paused) {
  OrderedJson status{{"camera", info.camera},     {"paused", paused},        {"predictions", counts.predictions},
                     {"unknown", counts.unknown}, {"errors", counts.errors}, {"last_error", counts.last_error},
                     {"rate_hz", counts.rate_hz}};
  if (counts.preprocess_us && counts.inference_us) {
    status["latency_us"] = {{"preprocess", PercentilesJson(*counts.preprocess_us)},
                            {"inference", PercentilesJson(*counts.inference_us)}};
  }
  return Text(status);
}

}  // namespace glimpse::daemon
