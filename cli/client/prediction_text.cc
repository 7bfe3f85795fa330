// SPDX-License-Identifier: Apache-2.0
#include "cli/client/prediction_text.h"

#include <cstdio>

#include "base/strings.h"

namespace glimpse::cli {

std::string TextOf(const nlohmann::json& object, const char* key, const std::string& otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

double NumberOf(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return 0;
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::string PredictionText(const nlohmann::json& prediction) {
  const std::string time = TextOf(prediction, "time");
  const size_t day = time.find('T');
  const std::string region = TextOf(prediction, "region");
  std::string line = StrCat(day == std::string::npos ? time : time.substr(day + 1), " ", TextOf(prediction, "pipeline"),
                            region.empty() ? "" : "/", region);
  if (prediction.is_object() && prediction.contains("frame")) {
    line += StrCat(" frame ", static_cast<uint64_t>(NumberOf(prediction, "frame")));
  }
  char score[32];
  std::snprintf(score, sizeof(score), " (%.3f)", NumberOf(prediction, "score"));
  if (TextOf(prediction, "status") == "ok") {
    line += StrCat(": ", TextOf(prediction, "label"), score);
  } else {
    line += StrCat(": unknown, ", TextOf(prediction, "reason"), score);
  }
  const std::string origin = TextOf(prediction, "origin");
  if (!origin.empty()) line += StrCat(" ", origin);
  const auto dropped = static_cast<uint64_t>(NumberOf(prediction, "dropped"));
  if (dropped > 0) line += StrCat(", ", dropped, " missed before it");
  return line;
}

}  // namespace glimpse::cli
