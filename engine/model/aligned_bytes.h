// SPDX-License-Identifier: Apache-2.0
// AlignedBytes: memory for file content, aligned and padded as kernels expect of constants.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/checked_math.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// A block of bytes aligned to GLIMPSE_ALIGN, followed by GLIMPSE_TAIL_BYTES zeros that may be read. Movable; the
// address stays.
class AlignedBytes {
 public:
  AlignedBytes() = default;

  // Uninitialised content, zeroed tail. Empty (ok() is false) when the memory cannot be had.
  static AlignedBytes Allocate(size_t size) {
    AlignedBytes bytes;
    const auto padded = CheckedAdd<size_t>(size, GLIMPSE_TAIL_BYTES);
    const auto rounded = padded ? CheckedAlignUp<size_t>(*padded, GLIMPSE_ALIGN) : std::nullopt;
    if (!rounded) return bytes;
    bytes.memory_.reset(static_cast<std::byte*>(std::aligned_alloc(GLIMPSE_ALIGN, *rounded)));
    if (!bytes.memory_) return bytes;
    bytes.size_ = size;
    std::memset(bytes.memory_.get() + size, 0, *rounded - size);
    return bytes;
  }

  bool ok() const { return memory_ != nullptr; }
  std::span<std::byte> span() { return {memory_.get(), size_}; }
  std::span<const std::byte> span() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte, Free> memory_;
  size_t size_ = 0;
};

}  // namespace glimpse
