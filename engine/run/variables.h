// SPDX-License-Identifier: Apache-2.0
// Resource variables: content that operators assign and read by a handle, across subgraphs and invokes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/model/dtype.h"
#include "engine/run/aligned_memory.h"
#include "engine/run/memory_budget.h"

namespace glimpse {

// One variable. Its handle is its position.
struct Variable {
  std::string name;  // for messages
  int32_t handle = 0;
  bool assigned = false;
  DType type = DType::kFloat32;
  std::vector<int32_t> shape;
  size_t bytes = 0;
  AlignedMemory memory;
  // While operators are being bound: the one shape that all of them expect, unless they disagree.
  bool expected = false;
  bool dynamic = false;
  std::vector<int32_t> expected_shape;
};

// All variables of one interpreter. Not thread-safe.
class Variables {
 public:
  explicit Variables(MemoryBudget& budget) : share_(budget), limit_(budget.limit()) {}

  // The variable of that name, made when there is none. Its address stays.
  Variable& Declare(const std::string& container, const std::string& name);
  // Null for a handle that no Declare() gave.
  Variable* Find(int32_t handle);

  // Copies the content. Allocates only when it grows. Errors: kExhausted; message without a place.
  Result<void> Assign(Variable& variable, DType type, const std::vector<int32_t>& shape,
                      std::span<const std::byte> content);
  // As they are in `other`, by container and name. Errors: as Assign().
  Result<void> CopyFrom(const Variables& other);
  // As before any Assign().
  void Forget();

  // An operator that is being bound reads or writes this shape. False when others expect another one, or none: the
  // shape is then only known at run time.
  bool Expect(Variable& variable, const std::vector<int32_t>& shape);
  // The shape is only known at run time; of every variable with ExpectAnything().
  void ExpectAnything(Variable& variable);
  void ExpectAnything();
  // Whether some operator was bound to a shape that did not hold: what was bound must be bound again. Clears the
  // answer.
  bool TakeBroken() { return std::exchange(broken_, false); }

 private:
  BudgetShare share_;
  size_t limit_;
  std::deque<Variable> variables_;
  std::map<std::pair<std::string, std::string>, Variable*> by_name_;
  bool all_dynamic_ = false;
  bool broken_ = false;
};

}  // namespace glimpse
