// SPDX-License-Identifier: Apache-2.0
// Finds the content of the model's buffers, inside the flatbuffer or behind it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/model/aligned_bytes.h"
#include "engine/model/read_context.h"

namespace glimpse {

class BufferReader {
 public:
  // Copies of unaligned content are added to `copies`, which owns them.
  BufferReader(ReadContext& context, std::vector<AlignedBytes>& copies) : context_(context), copies_(copies) {}

  // Checks the place of every buffer. To be called once, first.
  Result<void> ReadAll();

  size_t count() const { return contents_.size(); }
  // Where the content lies in the file, empty when there is none. REQUIRES index < count().
  std::span<const std::byte> content(size_t index) const { return contents_[index]; }
  // The same at an address that kernels may use: aligned to 16, GLIMPSE_TAIL_BYTES readable behind it.
  Result<std::span<const std::byte>> Aligned(size_t index);

 private:
  ReadContext& context_;
  std::vector<AlignedBytes>& copies_;
  std::vector<std::span<const std::byte>> contents_;
};

}  // namespace glimpse
