// SPDX-License-Identifier: Apache-2.0
#include "engine/run/dynamic_tensors.h"

#include <utility>

#include "base/strings.h"

namespace glimpse {

Result<std::byte*> DynamicTensors::Reserve(size_t index, size_t bytes) {
  AlignedMemory& block = blocks_[index];
  const size_t had = block.bytes().size();
  if (block.bytes().data() != nullptr && had >= bytes) return block.bytes().data();
  // The content need not survive, so the old block goes first.
  block = AlignedMemory();
  share_.Give(had);
  if (!share_.Take(bytes)) {
    return Unexpected(ErrorCode::kExhausted, StrCat("needs more than the limit of ", limit_, " bytes of memory"));
  }
  auto grown = AlignedMemory::Allocate(bytes);
  if (!grown) {
    share_.Give(bytes);
    return Unexpected(grown.error());
  }
  block = std::move(*grown);
  return block.bytes().data();
}

}  // namespace glimpse
