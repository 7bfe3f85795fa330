// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of memory and files, by nettle; digests as text.
#pragma once

#include <nettle/sha2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace glimpse {

using Sha256Digest = std::array<uint8_t, 32>;

// Of what comes piece by piece.
class Sha256Stream {
 public:
  Sha256Stream() { ::sha256_init(&context_); }
  void Add(std::span<const std::byte> bytes);
  // Of all so far; then it begins anew.
  Sha256Digest Take();

 private:
  sha256_ctx context_;
};

// Reentrant.
Sha256Digest Sha256(std::span<const std::byte> bytes);

// Of the file's content, read piece by piece. Errors: kIo; kExhausted when it has more than `max_bytes`.
Result<Sha256Digest> Sha256OfFile(const std::string& path, uint64_t max_bytes);

// Two lower-case hexadecimal digits a byte, the high half first. Reentrant.
std::string ToHex(std::span<const std::byte> bytes);
std::string ToHex(const Sha256Digest& digest);
// "sha256:" and the digits, as models and configurations are named by.
std::string Sha256Text(const Sha256Digest& digest);
// Fills `bytes` with what `text` says. False, and `bytes` undefined, unless it is exactly as long and all hexadecimal.
bool FromHex(std::string_view text, std::span<std::byte> bytes);
std::optional<Sha256Digest> DigestFromHex(std::string_view text);

}  // namespace glimpse
