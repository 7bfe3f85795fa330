// SPDX-License-Identifier: Apache-2.0
// Pictures and arrays of the daemon's answers as files.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace glimpse::cli {

// What the base64 text `key` of `object` stands for. Errors: kIo when it is missing or no base64.
Result<std::vector<std::byte>> BytesOf(const nlohmann::json& object, const char* key);

// Writes the member `key` of `object` to `path` and takes it out of `object`, so that the rest is small. Errors: kIo.
Result<void> WriteMember(nlohmann::json& object, const char* key, const std::string& path);

// `value` as an indented file. Errors: kIo.
Result<void> WriteJson(const nlohmann::json& value, const std::string& path);

// The frame of the command line: a number, or "" for the newest, into `params`. Errors: kInvalidArgument.
Result<void> AddFrame(const std::string& frame, nlohmann::json* params);

}  // namespace glimpse::cli
