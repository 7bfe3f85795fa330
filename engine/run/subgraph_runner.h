// SPDX-License-Identifier: Apache-2.0
// Runs one subgraph: plans its memory once, then invokes without allocating, as far as shapes are known beforehand.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/run/dynamic_tensors.h"
#include "engine/run/graph_builder.h"
#include "engine/run/run_context.h"
#include "engine/run/tensor_memory.h"

namespace glimpse {

// States: created --Prepare()--> prepared --Invoke()*--; Prepare() with other inputs is allowed at any time and forgets
// variable tensors. Not thread-safe.
class SubgraphRunner {
 public:
  SubgraphRunner(RunContext& context, const Subgraph& graph) : context_(context), graph_(graph) {}

  // Makes the subgraph ready for such inputs; nothing to do when it already is. Leaves it unfit to run when
  // context.unsupported is not empty. Errors: as BindGraph().
  Result<void> Prepare(const std::vector<InputState>& inputs);

  // Forgets what Prepare() made.
  void Release();

  // Runs all operators. REQUIRES: all inputs written, dynamic ones resized. Errors: as Interpreter::Invoke().
  Result<void> Invoke();
  // Counts the work of one run, as Invoke() does before its first operator; for callers that Run() all one by one.
  Result<void> CountWork();
  // Runs one operator on whatever its input tensors hold.
  Result<void> Run(size_t index);

  // Variable tensors as after Prepare(), and kernels reset.
  void ResetVariables();
  // Variable tensors as they are in `other`. REQUIRES: both prepared, of the same model and subgraph, with equal
  // variable_bytes().
  void CopyVariablesFrom(const SubgraphRunner& other);

  const Subgraph& graph() const { return graph_; }
  bool prepared() const { return prepared_; }
  const BoundGraph& bound() const { return bound_; }
  const TensorState& state(int tensor) const { return bound_.tensors[static_cast<size_t>(tensor)]; }
  // Content at this moment; empty when nobody reads or writes the tensor, or its shape is not known yet.
  std::span<std::byte> data(int tensor) const;
  // Memory for a dynamic tensor, now of this shape; content undefined. Allocates only when it grows. Errors:
  // kExhausted, kInvalidModel; messages without a place.
  Result<std::byte*> Resize(int tensor, std::span<const int32_t> shape);

  size_t arena_bytes() const { return memory_.arena.bytes().size(); }
  size_t variable_bytes() const;

 private:
  // The pointers of one operator's invoke, made once. Not movable: `invoke` points into the lists.
  struct Call {
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    std::vector<void*> scratch;
    glimpse_invoke invoke{};
  };
  class Resizer;

  Result<void> Allocate();
  void MakeCalls();
  Result<void> RunDeferred(BoundOperator& op, Call& call);
  Result<void> InvokeKernel(const OperatorInfo& op, Kernel& kernel, Call& call, bool has_dynamic_output);

  RunContext& context_;
  const Subgraph& graph_;
  bool prepared_ = false;
  std::vector<InputState> inputs_;
  BoundGraph bound_;
  TensorMemory memory_;  // memory_.tensors: where content lies at this moment
  DynamicTensors dynamic_;
  std::vector<Call> calls_;
};

}  // namespace glimpse
