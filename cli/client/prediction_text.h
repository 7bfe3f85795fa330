// SPDX-License-Identifier: Apache-2.0
// A prediction as a line for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace glimpse::cli {

// "10:00:00.123Z digits/d1 frame 812: 7 (0.996)" or "...: unknown, low-margin (0.41)"; "3 missed" at its end when the
// daemon had to drop some. Whatever members are missing or of another type are left out.
std::string PredictionText(const nlohmann::json& prediction);

// `value` of `object`, or `otherwise` when it is missing or of another type.
std::string TextOf(const nlohmann::json& object, const char* key, const std::string& otherwise = "");
double NumberOf(const nlohmann::json& object, const char* key);

}  // namespace glimpse::cli
