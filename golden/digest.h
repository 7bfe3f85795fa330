// SPDX-License-Identifier: Apache-2.0
// SHA-256 of tensors and files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace glimpse::golden {

using Digest = std::array<uint8_t, 32>;

// Reentrant.
Digest DigestOf(std::span<const std::byte> bytes);

// Of the file's content, read piece by piece. Errors: kIo; kExhausted when it has more than `max_bytes`.
Result<Digest> DigestOfFile(const std::string& path, uint64_t max_bytes);

// Two lower-case hexadecimal digits a byte, the high half first. Reentrant.
std::string ToHex(std::span<const std::byte> bytes);
std::string ToHex(const Digest& digest);
// Fills `bytes` with what `text` says. False, and `bytes` undefined, unless it is exactly as long and all hexadecimal.
bool FromHex(std::string_view text, std::span<std::byte> bytes);
std::optional<Digest> DigestFromHex(std::string_view text);

}  // namespace glimpse::golden
