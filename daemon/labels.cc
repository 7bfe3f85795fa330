// SPDX-License-Identifier: Apache-2.0
#include "daemon/labels.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/file.h"
#include "base/strings.h"

namespace glimpse::daemon {
namespace {

constexpr uint64_t kMaxBytes = 1u << 20;
constexpr size_t kMaxLabel = 256;

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Labels go into JSON, whose writer is strict about UTF-8; so it is the judge here.
bool IsUtf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

Result<std::vector<std::string>> ReadLabels(const std::string& path) {
  const auto bytes = ReadFile(path, kMaxBytes);
  if (!bytes) return Unexpected(ErrorCode::kInvalidConfig, bytes.error().message);
  std::vector<std::string> labels;
  size_t line_number = 0;
  for (const std::string& line : StrSplit({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, '\n')) {
    ++line_number;
    labels.emplace_back(Trim(line));
    const std::string& label = labels.back();
    bool control = false;
    for (const char c : label) control = control || static_cast<unsigned char>(c) < 0x20;
    if (label.size() > kMaxLabel || control || !IsUtf8(label)) {
      return Unexpected(
          ErrorCode::kInvalidConfig,
          StrCat(path, ":", line_number, ": a label must be UTF-8 text of at most ", kMaxLabel, " bytes"));
    }
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) {
      return Unexpected(ErrorCode::kInvalidConfig, StrCat(path, ":", i + 1, ": is empty; each class needs a label"));
    }
  }
  return labels;
}

std::vector<std::string> NumberLabels(size_t count) {
  std::vector<std::string> labels;
  for (size_t i = 0; i < count; ++i) labels.push_back(std::to_string(i));
  return labels;
}

}  // namespace glimpse::daemon
