// SPDX-License-Identifier: Apache-2.0
// Base64 as of RFC 4648, section 4.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace glimpse::wire {

// Nothing when `text` is not base64 with its padding. White space between the characters is skipped.
std::optional<std::vector<std::byte>> DecodeBase64(std::string_view text);

// With padding, without line breaks.
std::string EncodeBase64(std::span<const std::byte> bytes);

}  // namespace glimpse::wire
