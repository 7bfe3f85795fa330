// SPDX-License-Identifier: Apache-2.0
// Memory of tensors whose shape is only known at run time.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "engine/run/aligned_memory.h"
#include "engine/run/memory_budget.h"

namespace glimpse {

// One block for each tensor, which grows and never shrinks. Not thread-safe.
class DynamicTensors {
 public:
  DynamicTensors() = default;
  DynamicTensors(MemoryBudget& budget, size_t tensors) : blocks_(tensors), share_(budget), limit_(budget.limit()) {}

  // At least `bytes` for tensor `index`; content undefined. Errors: kExhausted above the budget.
  Result<std::byte*> Reserve(size_t index, size_t bytes);

 private:
  std::vector<AlignedMemory> blocks_;
  BudgetShare share_;
  size_t limit_ = 0;
};

}  // namespace glimpse
