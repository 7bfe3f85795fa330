// SPDX-License-Identifier: Apache-2.0
// Binds every operator of a model to a kernel and collects what memory they need.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/run/interpreter.h"
#include "engine/run/kernel.h"
#include "engine/run/node_view.h"

namespace glimpse {

// One operator with the kernel that serves it.
struct BoundOperator {
  std::unique_ptr<Kernel> kernel;
  std::vector<size_t> scratch_bytes;
  std::vector<std::pair<uint32_t, uint32_t>> aliases;
  PlannedOperator plan;
};

// A model whose every shape is known and every operator bound.
struct BoundGraph {
  std::vector<BoundOperator> operators;  // in execution order
  std::vector<TensorState> tensors;      // by index
  std::vector<AlignedMemory> folded;     // content of tensors that folding made constant
  size_t persistent_bytes = 0;
};

// Prepares the operators in order; those whose result is known now are run now and their outputs become constants.
// Errors: as Interpreter::Create().
Result<BoundGraph> BindGraph(const Model& model, const PluginHost& plugins, const InterpreterOptions& options);

// The struct that invoke() takes, pointing into the given lists, which must outlive it.
glimpse_invoke MakeInvoke(const std::vector<const void*>& inputs, const std::vector<void*>& outputs,
                          const std::vector<void*>& scratch, const uint32_t& should_stop);

}  // namespace glimpse
