// SPDX-License-Identifier: Apache-2.0
#include "cli/client/evidence_files.h"

#include <charconv>
#include <cstdint>
#include <span>
#include <system_error>

#include "base/file.h"
#include "base/strings.h"
#include "cli/client/prediction_text.h"
#include "wire/base64.h"

namespace glimpse::cli {

using Json = nlohmann::json;

Result<std::vector<std::byte>> BytesOf(const Json& object, const char* key) {
  auto bytes = wire::DecodeBase64(TextOf(object, key));
  if (!bytes || bytes->empty()) {
    return Unexpected(ErrorCode::kIo, StrCat("the daemon's answer has no '", key, "'"));
  }
  return std::move(*bytes);
}

Result<void> WriteMember(Json& object, const char* key, const std::string& path) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto bytes, BytesOf(object, key));
  GLIMPSE_RETURN_IF_ERROR(WriteFile(path, bytes));
  object.erase(key);
  return {};
}

Result<void> WriteJson(const Json& value, const std::string& path) {
  const std::string text = value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return WriteFile(path, std::as_bytes(std::span(text)));
}

Result<void> AddFrame(const std::string& frame, Json* params) {
  if (frame.empty()) return {};
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(frame.data(), frame.data() + frame.size(), number);
  if (error != std::errc() || end != frame.data() + frame.size()) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("'", Printable(frame, 40), "' is no frame's number"));
  }
  (*params)["frame"] = number;
  return {};
}

}  // namespace glimpse::cli
