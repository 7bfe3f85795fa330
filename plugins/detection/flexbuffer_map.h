// SPDX-License-Identifier: Apache-2.0
// Reads numbers out of a FlexBuffers map, the form in which custom operators of TFLite carry their options. The bytes
// are untrusted: every offset is checked before it is followed.
// Source: FlatBuffers, docs/source/Internals.md ("FlexBuffers").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace glimpse::detection {

// A number as it was stored; booleans are integers.
struct FlexNumber {
  bool is_float = false;
  int64_t integer = 0;
  double real = 0;

  // Truncated; nothing when it does not fit.
  std::optional<int32_t> AsInt32() const;
  float AsFloat() const { return is_float ? static_cast<float>(real) : static_cast<float>(integer); }
  bool AsBool() const { return is_float ? real != 0 : integer != 0; }
};

// A view of the bytes, which must outlive it. Reentrant.
class FlexbufferMap {
 public:
  // Nothing unless the bytes end in a map whose keys and values lie within them.
  static std::optional<FlexbufferMap> Read(std::span<const uint8_t> bytes);

  enum class Found { kAbsent, kNumber, kMalformed };
  // The number at `key`. Absent: not there, or null. Malformed: not a number, or outside of the bytes.
  Found Get(std::string_view key, FlexNumber* number) const;

 private:
  // A little-endian word of 1, 2, 4 or 8 bytes at `at`.
  std::optional<uint64_t> Word(size_t at, size_t width) const;
  // Where the offset at `at` points to: that many bytes before it.
  std::optional<size_t> Follow(size_t at, size_t width) const;
  bool KeyIs(size_t at, std::string_view key) const;
  Found Number(uint32_t type, size_t at, size_t width, FlexNumber* number) const;

  std::span<const uint8_t> bytes_;
  size_t count_ = 0;
  size_t values_ = 0;  // first value, each value_width_ bytes; behind them a type byte for each
  size_t value_width_ = 1;
  size_t keys_ = 0;  // first key, an offset of key_width_ bytes
  size_t key_width_ = 1;
};

}  // namespace glimpse::detection
