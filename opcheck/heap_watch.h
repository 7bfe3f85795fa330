// SPDX-License-Identifier: Apache-2.0
// Counts what is taken from the heap, while invoke() runs and altogether. Linked into glimpse-op-check alone: it
// replaces the allocator of the whole program, plugins included.
#pragma once

#include <cstdint>
#include <optional>

namespace glimpse::opcheck {

// Calls of malloc() and its like on this thread within invoke(), but for those of the host's own services. Nothing in a
// build whose allocator is a sanitizer's.
std::optional<uint64_t> HeapCallsOfInvokes();
// Blocks that the process has taken and not given back since it started, less those from before it did. Nothing
// likewise.
std::optional<int64_t> LiveHeapBlocks();

}  // namespace glimpse::opcheck
