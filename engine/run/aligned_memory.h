// SPDX-License-Identifier: Apache-2.0
// Memory aligned for kernels, zeroed by the system.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace glimpse {

// Owns a block that is aligned to GLIMPSE_ALIGN, zeroed, and followed by GLIMPSE_TAIL_BYTES readable bytes. Large
// blocks come straight from the system, so untouched pages cost nothing. Movable.
class AlignedMemory {
 public:
  AlignedMemory() = default;
  // Errors: kExhausted when the system has no memory.
  static Result<AlignedMemory> Allocate(size_t bytes);

  AlignedMemory(AlignedMemory&& other) noexcept;
  AlignedMemory& operator=(AlignedMemory&& other) noexcept;
  AlignedMemory(const AlignedMemory&) = delete;
  AlignedMemory& operator=(const AlignedMemory&) = delete;
  ~AlignedMemory();

  std::span<std::byte> bytes() const { return {data_, size_}; }

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
};

}  // namespace glimpse
