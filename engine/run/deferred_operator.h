// SPDX-License-Identifier: Apache-2.0
// An operator whose kernel is chosen and prepared when it runs, because the shapes of its inputs, or values that its
// kernels want in prepare, are only known then.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/run/aligned_memory.h"
#include "engine/run/operator_binder.h"

namespace glimpse {

// Shows inputs of an operator as constants; undone at its end. Only small integer tensors: shapes, axes, permutations.
class ShownAsConstants {
 public:
  ShownAsConstants(const OperatorInfo& op, std::span<TensorState> states);
  ~ShownAsConstants();
  ShownAsConstants(const ShownAsConstants&) = delete;
  ShownAsConstants& operator=(const ShownAsConstants&) = delete;

  // Tensors that may be shown. Each is shown by Show() with its content, which outlives this object.
  const std::vector<int>& tensors() const { return tensors_; }
  void Show(int tensor, const std::byte* content);

 private:
  std::span<TensorState> states_;
  std::vector<int> tensors_;
};

// Whether a kernel that declines the node would take it if small integer inputs were constants. The content is not
// known: a kernel that only complains about it counts.
bool WouldServeWithValues(const OperatorBinder& binder, const OperatorInfo& op, std::span<TensorState> states);

// Not thread-safe. References outlive it.
class DeferredOperator {
 public:
  DeferredOperator(RunContext& context, const Subgraph& graph, const OperatorInfo& op)
      : context_(context), binder_(context, graph), op_(op), share_(context.memory) {}

  // Makes a kernel ready for the shapes that the inputs have now; the last one stays when it still fits, which
  // allocates nothing. `data`: content by tensor index. Errors: kUnsupported when no kernel serves these shapes, and
  // those of OperatorBinder::Bind().
  Result<void> Prepare(std::span<TensorState> states, std::span<std::byte* const> data);

  void Reset() {
    if (binding_.kernel) binding_.kernel->Reset();
  }

  // What follows REQUIRES a successful Prepare().
  Kernel& kernel() { return *binding_.kernel; }
  const PreparedNode& node() const { return binding_.node; }
  const std::vector<void*>& scratch() const { return scratch_; }

 private:
  // An input that was shown as a constant, as it was then.
  struct Value {
    int tensor;
    AlignedMemory content;
  };

  bool StillFits(std::span<const TensorState> states, std::span<std::byte* const> data) const;
  Result<void> BindWithValues(std::span<TensorState> states, std::span<std::byte* const> data);
  Result<void> AllocateScratch();

  RunContext& context_;
  OperatorBinder binder_;
  const OperatorInfo& op_;
  bool ready_ = false;
  std::vector<std::vector<int32_t>> shapes_;  // of the inputs, as prepared
  std::vector<Value> values_;
  Binding binding_;
  std::vector<AlignedMemory> scratch_memory_;
  std::vector<void*> scratch_;
  BudgetShare share_;
};

}  // namespace glimpse
