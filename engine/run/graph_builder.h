// SPDX-License-Identifier: Apache-2.0
// Binds every operator of a subgraph to a kernel and collects what memory they need.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/run/deferred_operator.h"
#include "engine/run/engine_operator.h"
#include "engine/run/kernel.h"
#include "engine/run/node_view.h"
#include "engine/run/run_context.h"

namespace glimpse {

// What is known of an input of a subgraph before it runs.
struct InputState {
  std::vector<int32_t> shape;
  const std::byte* constant = nullptr;  // content, when it never changes
  bool is_constant = false;
  bool is_dynamic = false;  // the shape may differ from call to call

  bool operator==(const InputState&) const = default;
};

// One operator with what computes it: a kernel that was prepared at set-up, the engine, or a kernel that is chosen when
// the shapes are known. None of the three when the kernel of an operator before it computes it too (plan.fused_into),
// and when nobody serves it, which RunContext::unsupported tells.
struct BoundOperator {
  // Tensors by index that are read and written when it runs: of a chain those of the whole chain, of a fused one none.
  std::vector<int> inputs;
  std::vector<int> outputs;
  std::unique_ptr<Kernel> kernel;
  std::unique_ptr<EngineOperator> engine;
  std::unique_ptr<DeferredOperator> deferred;
  std::vector<size_t> scratch_bytes;
  std::vector<std::pair<uint32_t, uint32_t>> aliases;
  bool has_dynamic_output = false;
  PlannedOperator plan;
};

// A subgraph whose operators are bound. Shapes are known, but for dynamic tensors.
struct BoundGraph {
  std::vector<BoundOperator> operators;  // in execution order
  std::vector<TensorState> tensors;      // by index
  std::vector<AlignedMemory> folded;     // content of tensors that folding made constant
  BudgetShare share;                     // of everything here
  uint64_t work = 0;                     // of one run, without what is only known at run time
};

// Prepares the operators in order; those whose result is known now are run now and their outputs become constants.
// REQUIRES: as many `inputs` as the subgraph has. Errors: as Interpreter::Create(), but for operators without a kernel,
// which are added to context.unsupported.
Result<BoundGraph> BindGraph(RunContext& context, const Subgraph& graph, const std::vector<InputState>& inputs);

// The struct that invoke() takes, pointing into the given lists, which must outlive it.
glimpse_invoke MakeInvoke(const std::vector<const void*>& inputs, const std::vector<void*>& outputs,
                          const std::vector<void*>& scratch, const uint32_t& should_stop);

}  // namespace glimpse
