// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/file.h"
#include "base/strings.h"

namespace glimpse {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void Sha256Stream::Add(std::span<const std::byte> bytes) {
  ::sha256_update(&context_, bytes.size(), reinterpret_cast<const uint8_t*>(bytes.data()));
}

Sha256Digest Sha256Stream::Take() {
  Sha256Digest digest;
  ::sha256_digest(&context_, digest.size(), digest.data());
  return digest;
}

Sha256Digest Sha256(std::span<const std::byte> bytes) {
  Sha256Stream stream;
  stream.Add(bytes);
  return stream.Take();
}

Result<Sha256Digest> Sha256OfFile(const std::string& path, uint64_t max_bytes) {
  GLIMPSE_ASSIGN_OR_RETURN(const UniqueFd fd, OpenRegularFile(path));
  Sha256Stream stream;
  std::vector<std::byte> block(size_t{256} << 10);
  for (uint64_t total = 0;;) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unexpected(ErrnoError("cannot read", path));
    if (got == 0) break;
    total += static_cast<uint64_t>(got);
    if (total > max_bytes) {
      return Unexpected(ErrorCode::kExhausted, StrCat(path, ": has more than the limit of ", max_bytes, " bytes"));
    }
    stream.Add(std::span(block).first(static_cast<size_t>(got)));
  }
  return stream.Take();
}

std::string ToHex(std::span<const std::byte> bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text += kHex[std::to_integer<unsigned>(byte) >> 4];
    text += kHex[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string ToHex(const Sha256Digest& digest) { return ToHex(std::as_bytes(std::span(digest))); }

std::string Sha256Text(const Sha256Digest& digest) { return "sha256:" + ToHex(digest); }

bool FromHex(std::string_view text, std::span<std::byte> bytes) {
  if (text.size() % 2 != 0 || text.size() / 2 != bytes.size()) return false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

std::optional<Sha256Digest> DigestFromHex(std::string_view text) {
  Sha256Digest digest;
  if (!FromHex(text, std::as_writable_bytes(std::span(digest)))) return std::nullopt;
  return digest;
}

}  // namespace glimpse
