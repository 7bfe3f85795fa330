// SPDX-License-Identifier: Apache-2.0
// Gives every tensor and scratch block of a bound graph its memory.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "engine/run/aligned_memory.h"
#include "engine/run/graph_builder.h"

namespace glimpse {

// Addresses of everything that kernels touch. Owns what it points to, but for constants.
struct TensorMemory {
  AlignedMemory arena;
  std::vector<AlignedMemory> variables;
  std::vector<std::byte*> tensors;               // by tensor index; null when nobody reads or writes the tensor
  std::vector<std::vector<std::byte*>> scratch;  // by operator, by scratch id
};

// Plans lifetimes over the main subgraph and allocates. With `preserve_all` every tensor lives from start to end and
// nothing is aliased; scratch is shared all the same. Errors: kExhausted above `max_bytes`.
Result<TensorMemory> AllocateTensors(const Subgraph& graph, const BoundGraph& bound, bool preserve_all,
                                     size_t max_bytes);

}  // namespace glimpse
