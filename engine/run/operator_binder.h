// SPDX-License-Identifier: Apache-2.0
// Finds the kernel for one operator, at set-up or when its shapes are known.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/run/kernel.h"
#include "engine/run/node_view.h"
#include "engine/run/operator_chain.h"
#include "engine/run/run_context.h"

namespace glimpse {

// The kernel that serves, or none, and why others do not.
struct Binding {
  std::unique_ptr<Kernel> kernel;  // null: nobody serves the operator
  OperatorChain chain;             // what it computes
  PreparedNode node;
  std::string why;
  std::vector<std::string> rejected;
};

// Bytes that a tensor takes in this shape. Errors: kInvalidModel (more elements than can be counted, or scales that do
// not fit the shape), kExhausted (limits.tensor_bytes). Messages begin with "shape".
Result<size_t> TensorBytes(const TensorInfo& info, std::span<const int32_t> shape, const Limits& limits);

// Binds operators of one subgraph. The references outlive it.
class OperatorBinder {
 public:
  OperatorBinder(const RunContext& context, const Subgraph& graph) : context_(context), graph_(graph) {}

  // Tries the kernels on offer for the first operator of `chain`, alone or with some that follow, the best first, until
  // one prepares. Errors: kInvalidModel when a kernel finds that the node breaks the operator's definition; kExhausted;
  // kPlugin and kInternal for defects of a plugin.
  Result<Binding> Bind(const OperatorChain& chain, std::span<const TensorState> states) const;
  // The operator alone.
  Result<Binding> Bind(const OperatorInfo& op, std::span<const TensorState> states) const;

  // Whether some kernel fits by its descriptor; else `rejected` says why none does.
  bool HasCandidate(const OperatorInfo& op, std::span<const TensorState> states,
                    std::vector<std::string>* rejected) const;

  // "operator 3 (ADD)", or "subgraph 2, operator 3 (ADD)".
  std::string Describe(const OperatorInfo& op) const;
  // "#3 ADD version 2, int8 input, profile litert-reference (REASONS)"
  std::string Unsupported(const OperatorInfo& op, const std::vector<std::string>& rejected) const;
  // An error with the model's file and the operator before its message.
  Unexpected At(const OperatorInfo& op, const Error& error) const;

  bool is_main() const { return &graph_ == &context_.model.main(); }

 private:
  Unexpected PrepareFailed(const OperatorInfo& op, const Kernel& kernel, const PrepareOutcome& outcome) const;

  const RunContext& context_;
  const Subgraph& graph_;
};

}  // namespace glimpse
