// SPDX-License-Identifier: Apache-2.0
// Operators that the engine computes itself: control flow and state. They need other subgraphs, or content that
// outlives an invoke, which no plugin sees.
#pragma once

#include <memory>
#include <span>

#include "base/result.h"
#include "engine/run/node_view.h"
#include "engine/run/run_context.h"

namespace glimpse {

class SubgraphRunner;

// Messages name the file and the operator. Not thread-safe.
class EngineOperator {
 public:
  virtual ~EngineOperator() = default;

  // Once, when its subgraph is bound: sets shape and size of its outputs in `states`, or marks them dynamic or
  // constant. Inputs may be dynamic. Errors: kInvalidModel, kExhausted and those of other operators' kernels.
  virtual Result<void> Prepare(std::span<TensorState> states) = 0;

  // REQUIRES: a successful Prepare(); `caller` runs the operator's subgraph.
  virtual Result<void> Invoke(SubgraphRunner& caller) = 0;

  // Multiply-accumulates of one run, as far as they are known: each subgraph that may run counts once.
  virtual uint64_t macs() const { return 0; }
};

// The engine's own implementation of `op` of `graph`, or null when plugins compute it. All references outlive it.
std::unique_ptr<EngineOperator> MakeEngineOperator(RunContext& context, const Subgraph& graph, const OperatorInfo& op);

}  // namespace glimpse
