// SPDX-License-Identifier: Apache-2.0
#include "daemon/messages.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/strings.h"
#include "daemon/json_text.h"

namespace glimpse::daemon {
namespace {

using OrderedJson = nlohmann::ordered_json;  // members in the order of the documentation

std::string Text(const OrderedJson& value) { return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

OrderedJson PercentilesJson(const Percentiles& percentiles) {
  return {{"p50", percentiles.p50}, {"p90", percentiles.p90}, {"p99", percentiles.p99}};
}

int64_t ToMicroseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// A prediction is written piece by piece: by way of a tree of JSON values it took longer than a small model's
// inference, and every client waits for it.

// Names are plain text nearly always; what is not goes the library's way.
void AppendQuoted(std::string_view value, std::string* text) {
  const bool plain =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (!plain) {
    *text += ToText(std::string(value));
    return;
  }
  *text += '"';
  *text += value;
  *text += '"';
}

// The shortest text that reads back as the same number; a real number keeps a mark of being one, as "1.0".
template <typename T>
void AppendNumber(T value, std::string* text) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  const std::string_view written(digits, static_cast<size_t>(end - digits));
  *text += written;
  if (std::is_floating_point_v<T> && written.find_first_of(".e") == std::string_view::npos) *text += ".0";
}

// ,"name":value
template <typename T>
void AppendMember(std::string_view name, const T& value, std::string* text) {
  *text += ",\"";
  *text += name;
  *text += "\":";
  if constexpr (std::is_arithmetic_v<T>) {
    AppendNumber(value, text);
  } else {
    AppendQuoted(value, text);
  }
}

// ,"sensor":{...} of what the camera said; nothing when it said nothing.
void AppendSensor(const media::SensorFacts& sensor, std::string* text) {
  if (sensor == media::SensorFacts{}) return;
  *text += ",\"sensor\":{";
  const auto add = [&](std::string_view name, const auto& value) {
    if (!value) return;
    AppendMember(name, *value, text);
  };
  const size_t start = text->size();
  add("timestamp_ns", sensor.timestamp_ns);
  add("exposure_us", sensor.exposure_us);
  add("analogue_gain", sensor.analogue_gain);
  add("digital_gain", sensor.digital_gain);
  add("lux", sensor.lux);
  text->erase(start, 1);  // the first comma
  *text += '}';
}

}  // namespace

// By hand: strftime(3) looks at the time zone, under a lock, and takes longer than the rest of a message.
std::string FormatTime(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(milliseconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(milliseconds - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&text](size_t at, size_t digits, int64_t value) {
    for (; digits-- > 0; value /= 10) text[at + digits] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, std::clamp(int{date.year()}, 0, 9999));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 3, clock.subseconds().count());
  return text;
}

std::string PredictionMembers(const Prediction& prediction) {
  const PipelineInfo& info = *prediction.pipeline;
  const Decision& decision = prediction.decision;
  std::string text;
  text.reserve(640 + 12 * prediction.scores.size());
  text += "{\"pipeline\":";
  AppendQuoted(info.name, &text);
  AppendMember("region", prediction.region, &text);
  if (prediction.has_frame) AppendMember("frame", prediction.frame, &text);
  AppendMember("time", FormatTime(prediction.time), &text);
  if (decision.ok) {
    text += ",\"status\":\"ok\"";
    AppendMember("label", info.labels[static_cast<size_t>(decision.index)], &text);
    AppendMember("index", decision.index, &text);
  } else {
    text += ",\"status\":\"unknown\"";
    AppendMember("reason", decision.reason, &text);
    text += ",\"label\":null,\"index\":null";
  }
  AppendMember("score", decision.score, &text);
  text += ",\"scores\":[";
  for (size_t i = 0; i < prediction.scores.size(); ++i) {
    if (i > 0) text += ',';
    AppendNumber(prediction.scores[i], &text);
  }
  text += ']';
  if (prediction.has_frame) {
    AppendMember("age_us", prediction.age_us, &text);
    AppendMember("captured_us", ToMicroseconds(prediction.captured.time_since_epoch()), &text);
  }
  text += ",\"latency_us\":{\"preprocess\":";
  AppendNumber(prediction.preprocess_us, &text);
  AppendMember("inference", prediction.inference_us, &text);
  text += '}';
  AppendMember("model", info.model_sha256, &text);
  AppendMember("numerics", info.numerics, &text);
  AppendMember("config", info.config_sha256, &text);
  if (prediction.has_frame) AppendMember("origin", prediction.origin, &text);
  AppendSensor(prediction.sensor, &text);
  return text;
}

std::string PredictionLine(const std::string& members, uint64_t dropped, int subscription) {
  std::string line = R"({"jsonrpc":"2.0","method":"prediction","params":)";
  line.reserve(line.size() + members.size() + 64);
  line += members;
  line += ",\"dropped\":";
  AppendNumber(dropped, &line);
  AppendMember("subscription", subscription, &line);
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
                     {"restarts", counts.restarts},
                     {"reopens", counts.reopens},
                     {"last_error", counts.last_error}};
  if (counts.picture) {
    const CameraPicture& picture = *counts.picture;
    status["picture"] = {{"width", picture.width},
                         {"height", picture.height},
                         {"format", media::PixelFormatName(picture.format)},
                         {"colour", media::IsRgb(picture.format) ? "rgb full" : media::ColourName(picture.colour)}};
  }
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
