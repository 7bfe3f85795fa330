// SPDX-License-Identifier: Apache-2.0
#include "daemon/json_text.h"

#include <set>
#include <vector>

namespace glimpse::daemon {

std::string ToText(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<nlohmann::json> FromText(std::string_view text, int max_depth) {
  // Depth is counted before parsing: the parser keeps its own stack on the heap, but freeing a deep tree recurses.
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > max_depth) return std::nullopt;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  // Of a key given twice one value would silently win: refused by remembering the keys of every open object.
  std::vector<std::set<std::string>> keys;
  bool twice = false;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) keys.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == nlohmann::json::parse_event_t::key && !keys.empty()) {
      twice = !keys.back().insert(parsed.get<std::string>()).second || twice;
    }
    return true;
  };
  auto value = nlohmann::json::parse(text, watch, /*allow_exceptions=*/false);
  if (value.is_discarded() || twice) return std::nullopt;
  return value;
}

}  // namespace glimpse::daemon
