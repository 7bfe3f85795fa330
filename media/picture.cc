// SPDX-License-Identifier: Apache-2.0
#include "media/picture.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "media/decoders.h"

namespace glimpse::media {
namespace {

bool StartsWith(std::span<const std::byte> bytes, std::span<const unsigned char> magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

constexpr std::array<unsigned char, 8> kPngMagic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<unsigned char, 3> kJpegMagic = {0xff, 0xd8, 0xff};

bool IsNetpbm(std::span<const std::byte> bytes) {
  if (bytes.size() < 2 || bytes[0] != std::byte{'P'}) return false;
  const auto kind = static_cast<char>(bytes[1]);
  return kind >= '1' && kind <= '7';
}

}  // namespace

Result<Frame> DecodePicture(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  if (bytes.size() > limits.max_file_bytes) {
    return Unexpected(ErrorCode::kExhausted, StrCat(name, ": ", bytes.size(), " bytes are more than the limit of ",
                                                    limits.max_file_bytes, " for one picture"));
  }
  auto decoded = [&]() -> Result<Frame> {
    if (StartsWith(bytes, kPngMagic)) return internal::DecodePng(bytes, name, limits);
    if (StartsWith(bytes, kJpegMagic)) return internal::DecodeJpeg(bytes, name, limits);
    if (IsNetpbm(bytes)) return internal::DecodeNetpbm(bytes, name, limits);
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(name, bytes.empty() ? ": empty; " : ": not a picture this program reads; ",
                             "give a PNG, JPEG, PGM or PPM file"));
  }();
  if (decoded) decoded->origin = name;
  return decoded;
}

Result<Frame> ReadPicture(const std::string& path, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, limits.max_file_bytes));
  return DecodePicture(bytes, path, limits);
}

}  // namespace glimpse::media
