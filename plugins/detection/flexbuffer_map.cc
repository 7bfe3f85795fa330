// SPDX-License-Identifier: Apache-2.0
#include "plugins/detection/flexbuffer_map.h"

#include <bit>
#include <cstring>

namespace glimpse::detection {
namespace {

// Types of FlexBuffers.
enum : uint32_t {
  kNull = 0,
  kInt = 1,
  kUint = 2,
  kFloat = 3,
  kIndirectInt = 6,
  kIndirectUint = 7,
  kIndirectFloat = 8,
  kMap = 9,
  kBool = 26
};

bool IsWidth(uint64_t width) { return width == 1 || width == 2 || width == 4 || width == 8; }

int64_t SignExtend(uint64_t word, size_t width) {
  const auto shift = static_cast<int>(64 - 8 * width);
  return static_cast<int64_t>(word << shift) >> shift;
}

}  // namespace

std::optional<int32_t> FlexNumber::AsInt32() const {
  if (is_float) {
    if (!(real > -2147483649.0 && real < 2147483648.0)) return std::nullopt;
    return static_cast<int32_t>(real);
  }
  if (integer < INT32_MIN || integer > INT32_MAX) return std::nullopt;
  return static_cast<int32_t>(integer);
}

std::optional<uint64_t> FlexbufferMap::Word(size_t at, size_t width) const {
  if (at > bytes_.size() || width > bytes_.size() - at) return std::nullopt;
  uint64_t word = 0;
  for (size_t i = 0; i < width; ++i) word |= uint64_t{bytes_[at + i]} << (8 * i);
  return word;
}

std::optional<size_t> FlexbufferMap::Follow(size_t at, size_t width) const {
  const auto offset = Word(at, width);
  if (!offset || *offset > at) return std::nullopt;
  return at - static_cast<size_t>(*offset);
}

std::optional<FlexbufferMap> FlexbufferMap::Read(std::span<const uint8_t> bytes) {
  // The end of the buffer: root value, its type, its width.
  if (bytes.size() < 3) return std::nullopt;
  FlexbufferMap map;
  map.bytes_ = bytes;
  const size_t root_width = bytes[bytes.size() - 1];
  const uint32_t packed = bytes[bytes.size() - 2];
  if (!IsWidth(root_width) || root_width > bytes.size() - 2 || packed >> 2 != kMap) return std::nullopt;
  const auto values = map.Follow(bytes.size() - 2 - root_width, root_width);
  // Before the values: offset of the keys, width of the keys, count.
  map.value_width_ = size_t{1} << (packed & 3);
  if (!values || *values < 3 * map.value_width_) return std::nullopt;
  map.values_ = *values;
  const auto count = map.Word(*values - map.value_width_, map.value_width_);
  const auto key_width = map.Word(*values - 2 * map.value_width_, map.value_width_);
  const auto keys = map.Follow(*values - 3 * map.value_width_, map.value_width_);
  if (!count || !key_width || !keys || !IsWidth(*key_width)) return std::nullopt;
  if (*count > (bytes.size() - map.values_) / (map.value_width_ + 1)) return std::nullopt;
  if (*count > (bytes.size() - *keys) / *key_width) return std::nullopt;
  map.count_ = static_cast<size_t>(*count);
  map.keys_ = *keys;
  map.key_width_ = static_cast<size_t>(*key_width);
  return map;
}

bool FlexbufferMap::KeyIs(size_t at, std::string_view key) const {
  const auto start = Follow(at, key_width_);
  // With its final zero.
  if (!start || key.size() >= bytes_.size() - *start) return false;
  return std::memcmp(bytes_.data() + *start, key.data(), key.size()) == 0 && bytes_[*start + key.size()] == 0;
}

FlexbufferMap::Found FlexbufferMap::Get(std::string_view key, FlexNumber* number) const {
  for (size_t i = 0; i < count_; ++i) {
    if (!KeyIs(keys_ + i * key_width_, key)) continue;
    const uint32_t packed = bytes_[values_ + count_ * value_width_ + i];
    size_t at = values_ + i * value_width_;
    const uint32_t type = packed >> 2;
    if (type == kNull) return Found::kAbsent;
    if (type < kIndirectInt || type > kIndirectFloat) return Number(type, at, value_width_, number);
    const auto target = Follow(at, value_width_);
    if (!target) return Found::kMalformed;
    return Number(type - kIndirectInt + kInt, *target, size_t{1} << (packed & 3), number);
  }
  return Found::kAbsent;
}

FlexbufferMap::Found FlexbufferMap::Number(uint32_t type, size_t at, size_t width, FlexNumber* number) const {
  const auto word = Word(at, width);
  if (!word) return Found::kMalformed;
  *number = {};
  switch (type) {
    case kInt:
      number->integer = SignExtend(*word, width);
      return Found::kNumber;
    case kUint:
    case kBool:
      if (*word > static_cast<uint64_t>(INT64_MAX)) return Found::kMalformed;
      number->integer = static_cast<int64_t>(*word);
      return Found::kNumber;
    case kFloat:
      if (width != 4 && width != 8) return Found::kMalformed;
      number->is_float = true;
      number->real = width == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(*word)))
                                : std::bit_cast<double>(*word);
      return Found::kNumber;
    default:
      return Found::kMalformed;
  }
}

}  // namespace glimpse::detection
