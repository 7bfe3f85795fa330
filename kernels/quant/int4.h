// SPDX-License-Identifier: Apache-2.0
// Weights of four bits: two elements a byte, the first in the low nibble, in two's complement.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// Pointer to packed elements that reads like one to int8: packed[i] is element i. Rows follow each other without
// padding to a whole byte. Reentrant.
class PackedInt4 {
 public:
  explicit PackedInt4(const void* bytes) : bytes_(static_cast<const uint8_t*>(bytes)) {}

  int8_t operator[](size_t i) const {
    const int nibble = (bytes_[i / 2] >> (i % 2 * 4)) & 0xF;
    return static_cast<int8_t>((nibble ^ 8) - 8);
  }
  PackedInt4& operator+=(size_t) = delete;

 private:
  const uint8_t* bytes_;
};

// `count` packed elements as int8.
inline void UnpackInt4(const void* bytes, size_t count, int8_t* values) {
  const PackedInt4 packed(bytes);
  for (size_t i = 0; i < count; ++i) values[i] = packed[i];
}

}  // namespace glimpse::kernels
