// SPDX-License-Identifier: Apache-2.0
#include "wire/base64.h"

#include <nettle/base64.h>

namespace glimpse::wire {

std::optional<std::vector<std::byte>> DecodeBase64(std::string_view text) {
  base64_decode_ctx context;
  base64_decode_init(&context);
  std::vector<std::byte> bytes(BASE64_DECODE_LENGTH(text.size()));
  size_t length = bytes.size();
  const int good =
      base64_decode_update(&context, &length, reinterpret_cast<uint8_t*>(bytes.data()), text.size(), text.data());
  if (good != 1 || base64_decode_final(&context) != 1) return std::nullopt;
  bytes.resize(length);
  return bytes;
}

std::string EncodeBase64(std::span<const std::byte> bytes) {
  std::string text(BASE64_ENCODE_RAW_LENGTH(bytes.size()), '\0');
  base64_encode_raw(text.data(), bytes.size(), reinterpret_cast<const uint8_t*>(bytes.data()));
  return text;
}

}  // namespace glimpse::wire
