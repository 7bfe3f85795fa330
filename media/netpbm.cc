// SPDX-License-Identifier: Apache-2.0
// PGM and PPM: "P5 WIDTH HEIGHT MAXVAL" and one whitespace byte, then samples; P2 and P3 in decimal.
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/decoders.h"

namespace glimpse::media::internal {
namespace {

// Reads the header's and the plain formats' numbers.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t remaining() const { return bytes_.size() - at_; }
  unsigned Byte() { return static_cast<unsigned>(bytes_[at_++]); }  // REQUIRES: remaining() > 0

  // REQUIRES: remaining() >= count
  std::span<const uint8_t> Take(size_t count) {
    const std::span<const uint8_t> taken(reinterpret_cast<const uint8_t*>(bytes_.data()) + at_, count);
    at_ += count;
    return taken;
  }

  // A decimal number after whitespace and comments; nothing at the end, for another byte, or above 2^31.
  std::optional<uint32_t> Number() {
    SkipSpace();
    uint64_t value = 0;
    const size_t start = at_;
    while (remaining() > 0 && IsDigit(Peek())) {
      value = value * 10 + (Byte() - '0');
      if (value > (1u << 31)) return std::nullopt;
    }
    if (at_ == start) return std::nullopt;
    return static_cast<uint32_t>(value);
  }

  // The one whitespace byte between the header and the samples.
  bool SkipOneSpace() { return remaining() > 0 && IsSpace(Byte()); }

 private:
  static bool IsDigit(unsigned c) { return c >= '0' && c <= '9'; }
  static bool IsSpace(unsigned c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
  unsigned Peek() const { return static_cast<unsigned>(bytes_[at_]); }

  void SkipSpace() {
    while (remaining() > 0) {
      if (Peek() == '#') {
        while (remaining() > 0 && Byte() != '\n') {
        }
      } else if (IsSpace(Peek())) {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::span<const std::byte> bytes_;
  size_t at_ = 0;
};

Unexpected Malformed(const std::string& name, const char* what) {
  return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": not a sound PGM or PPM: ", what));
}

struct Header {
  bool colour = false;
  bool plain = false;  // samples in decimal
  uint32_t width = 0, height = 0, maxval = 0;
};

Result<Header> ReadHeader(Reader& reader, const std::string& name, const Limits& limits) {
  Header header;
  reader.Byte();
  const unsigned kind = reader.Byte();
  if (kind != '2' && kind != '3' && kind != '5' && kind != '6') {
    return Malformed(name, "its kind is not P2, P3, P5 or P6; convert it");
  }
  header.colour = kind == '3' || kind == '6';
  header.plain = kind == '2' || kind == '3';
  const auto width = reader.Number();
  const auto height = reader.Number();
  const auto maxval = reader.Number();
  if (!width || !height || !maxval) return Malformed(name, "width, height or largest value is not a number");
  if (*maxval < 1 || *maxval > 65535) return Malformed(name, "the largest value is not in 1 to 65535");
  if (!reader.SkipOneSpace()) return Malformed(name, "it ends within its header");
  header.width = *width;
  header.height = *height;
  header.maxval = *maxval;
  GLIMPSE_RETURN_IF_ERROR(CheckSize(header.width, header.height, name, limits));
  return header;
}

}  // namespace

Result<Frame> DecodeNetpbm(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  Reader reader(bytes);
  GLIMPSE_ASSIGN_OR_RETURN(const Header header, ReadHeader(reader, name, limits));
  const size_t count = size_t{header.width} * header.height * (header.colour ? 3 : 1);
  const size_t sample_bytes = header.maxval > 255 ? 2 : 1;
  // Before memory is taken: a plain sample is a digit and a space (the last one a digit), a raw one its bytes.
  const size_t least = header.plain ? 2 * count - 1 : count * sample_bytes;
  if (reader.remaining() < least) return Malformed(name, "it ends before its last pixel");
  const auto frame = [&](std::vector<uint8_t> pixels) {
    return MakeFrame(header.colour ? PixelFormat::kRgb24 : PixelFormat::kGrey8, static_cast<int>(header.width),
                     static_cast<int>(header.height), std::move(pixels));
  };
  if (!header.plain && header.maxval == 255) {  // pixels as they are; memory that is filled at once needs no zeros
    const std::span<const uint8_t> raw = reader.Take(count);
    return frame(std::vector<uint8_t>(raw.data(), raw.data() + raw.size()));
  }
  std::vector<uint8_t> pixels(count);
  for (uint8_t& pixel : pixels) {
    uint32_t sample = 0;
    if (header.plain) {
      const auto number = reader.Number();
      if (!number) return Malformed(name, "a pixel is missing or not a number");
      sample = *number;
    } else {
      sample = reader.Byte();
      if (sample_bytes == 2) sample = sample << 8 | reader.Byte();
    }
    if (sample > header.maxval) return Malformed(name, "a pixel is larger than the largest value");
    pixel = static_cast<uint8_t>((sample * 255u + header.maxval / 2) / header.maxval);
  }
  return frame(std::move(pixels));
}

}  // namespace glimpse::media::internal
