// SPDX-License-Identifier: Apache-2.0
// Operators that follow each other so closely that one kernel may compute them as a whole.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/run/kernel_spec.h"
#include "engine/run/node_view.h"

namespace glimpse {

// Operators in execution order; one alone is a chain as well. A link is the one output of each but the last.
struct OperatorChain {
  std::vector<const OperatorInfo*> operators;
  std::string end;  // why the chain goes no further: "tensor 'sum' has 2 readers"

  const OperatorInfo& first() const { return *operators.front(); }
  const OperatorInfo& last() const { return *operators.back(); }
  // The first `count` of the operators. REQUIRES: at most as many as there are, at least one.
  OperatorChain Prefix(size_t count) const;
  // Tensors by index as a kernel of the chain counts them (glimpse_node): inputs without the links, and outputs.
  std::vector<int> Inputs() const;
  const std::vector<int>& outputs() const { return last().outputs; }
};

// Who reads which tensor of a subgraph. The graph outlives it.
class TensorReaders {
 public:
  explicit TensorReaders(const Subgraph& graph);

  // The longest chain that begins with `op`, at most GLIMPSE_MAX_CHAIN operators. A link ends in the one operator that
  // reads it, once; is neither constant nor a variable nor an output of the subgraph; and neither of the two operators
  // is pinned by `kernels`. Other inputs of the operators behind the first are ready before it. `is_main`: the subgraph
  // is the main one.
  OperatorChain ChainFrom(const OperatorInfo& op, std::span<const TensorState> states, const KernelSpec& kernels,
                          bool is_main) const;

 private:
  // The operator that may follow `op` in a chain that began with `first`, or nullptr and why there is none.
  const OperatorInfo* Next(const OperatorInfo& first, const OperatorInfo& op, std::span<const TensorState> states,
                           std::string* why) const;

  const Subgraph& graph_;
  std::vector<int> reads_;        // by tensor: entries of operators' inputs, and outputs of the subgraph
  std::vector<int> last_reader_;  // by tensor: position of the operator, or -1
  std::vector<int> written_by_;   // by tensor: position of the operator, or -1
};

}  // namespace glimpse
