// SPDX-License-Identifier: Apache-2.0
// What a configuration writes for a camera's controls, the same for every source.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/result.h"

namespace glimpse::media {

// true, yes, on, false, no, off.
std::optional<bool> ReadControlFlag(std::string_view text);

// All of `text`, as std::from_chars() reads a T.
template <typename T>
std::optional<T> ReadControlNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// kInvalidConfig: there is no control of that name; the nearest of `names`, or all of them.
Unexpected NoSuchControl(const std::string& name, const std::vector<std::string>& names);

}  // namespace glimpse::media
