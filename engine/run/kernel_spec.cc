// SPDX-License-Identifier: Apache-2.0
#include "engine/run/kernel_spec.h"

#include <algorithm>

#include "base/strings.h"

namespace glimpse {
namespace {

bool IsLayerOf(std::string_view layer, const std::string& tensor_name) {
  size_t begin = 0;
  while (begin <= tensor_name.size()) {
    const size_t end = std::min(tensor_name.find_first_of("/;:", begin), tensor_name.size());
    if (std::string_view(tensor_name).substr(begin, end - begin) == layer) return true;
    begin = end + 1;
  }
  return tensor_name == layer;
}

bool IsPluginName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Unexpected BadName(std::string_view name) {
  return Unexpected(ErrorCode::kInvalidArgument, StrCat("kernels: '", Printable(name),
                                                        "' is not a plugin's name (lower-case letters, digits, '-', "
                                                        "'_'); see 'glimpse plugins'"));
}

}  // namespace

Result<KernelSpec> KernelSpec::Parse(std::string_view text) {
  KernelSpec spec;
  bool use_seen = false;
  for (const std::string& part : StrSplit(text, ',')) {
    const size_t equals = part.rfind('=');
    if (equals == std::string::npos) {
      if (!IsPluginName(part)) return BadName(part);
      if (use_seen) {
        return Unexpected(ErrorCode::kInvalidArgument,
                          StrCat("kernels: '", spec.use, "' and '", part, "' both name the set; name one"));
      }
      spec.use = part;
      use_seen = true;
      continue;
    }
    const std::string key = part.substr(0, equals);
    const std::string plugin = part.substr(equals + 1);
    if (key.empty()) {
      return Unexpected(ErrorCode::kInvalidArgument,
                        StrCat("kernels: '", Printable(part), "' has no operator, layer or #position before '='"));
    }
    if (!IsPluginName(plugin)) return BadName(plugin);
    if (!spec.overrides.emplace(key, plugin).second) {
      return Unexpected(ErrorCode::kInvalidArgument, StrCat("kernels: '", Printable(key), "' is given twice"));
    }
  }
  return spec;
}

std::string KernelSpec::MatchingKey(int index, std::string_view short_name,
                                    const std::vector<std::string>& output_names) const {
  std::string position = StrCat('#', index);
  if (overrides.contains(position)) return position;
  for (const auto& [key, plugin] : overrides) {
    for (const std::string& name : output_names) {
      if (IsLayerOf(key, name)) return key;
    }
  }
  if (std::string type(short_name); overrides.contains(type)) return type;
  return "";
}

std::string KernelSpec::ToString() const {
  std::string text = use;
  for (const auto& [key, plugin] : overrides) text += StrCat(',', key, '=', plugin);
  return text;
}

}  // namespace glimpse
