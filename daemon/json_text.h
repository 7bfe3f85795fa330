// SPDX-License-Identifier: Apache-2.0
// JSON to text and back, without exceptions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace glimpse::daemon {

// One line. Bytes that are not UTF-8 (file names may hold any) become U+FFFD.
std::string ToText(const nlohmann::json& value);

// Nothing when `text` is not JSON, holds a key twice, or is nested deeper than `max_depth`.
std::optional<nlohmann::json> FromText(std::string_view text, int max_depth);

}  // namespace glimpse::daemon
