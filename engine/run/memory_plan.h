// SPDX-License-Identifier: Apache-2.0
// Places buffers with known lifetimes into one arena.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace glimpse {

// A buffer that is alive from step `first` to step `last`, both included.
struct BufferRequest {
  size_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<size_t> offsets;  // one for each request, multiples of GLIMPSE_ALIGN
  size_t arena_bytes = 0;
};

// Offsets such that buffers alive at the same step do not overlap and each has GLIMPSE_TAIL_BYTES readable bytes after
// it. Largest buffers are placed first, each at the lowest offset that is free during its life (greedy by size;
// Pisarchyk and Lee, arXiv:2001.03288). Takes time quadratic in the number of requests. Errors: kExhausted when more
// than `max_bytes` are needed.
Result<MemoryPlan> PlanMemory(const std::vector<BufferRequest>& requests, size_t max_bytes);

// The largest sum of buffers alive at one step: no plan can need less.
size_t MemoryLowerBound(const std::vector<BufferRequest>& requests);

}  // namespace glimpse
