// SPDX-License-Identifier: Apache-2.0
#include "engine/run/operator_chain.h"

#include <algorithm>

#include "base/strings.h"
#include "engine/run/kernel_selector.h"

namespace glimpse {
namespace {

constexpr int kNobody = -1;
// Counts as a second reader: the caller of the subgraph.
constexpr int kReadByCaller = 2;

}  // namespace

OperatorChain OperatorChain::Prefix(size_t count) const {
  return {{operators.begin(), operators.begin() + static_cast<std::ptrdiff_t>(count)}, ""};
}

std::vector<int> OperatorChain::Inputs() const {
  std::vector<int> inputs = first().inputs;
  for (size_t i = 1; i < operators.size(); ++i) {
    const int link = operators[i - 1]->outputs[0];
    std::copy_if(operators[i]->inputs.begin(), operators[i]->inputs.end(), std::back_inserter(inputs),
                 [link](int input) { return input != link; });
  }
  return inputs;
}

TensorReaders::TensorReaders(const Subgraph& graph)
    : graph_(graph),
      reads_(graph.tensors.size(), 0),
      last_reader_(graph.tensors.size(), kNobody),
      written_by_(graph.tensors.size(), kNobody) {
  for (const OperatorInfo& op : graph.operators) {
    for (const int input : op.inputs) {
      if (input < 0) continue;
      ++reads_[static_cast<size_t>(input)];
      last_reader_[static_cast<size_t>(input)] = op.index;
    }
    for (const int output : op.outputs) written_by_[static_cast<size_t>(output)] = op.index;
  }
  for (const int output : graph.outputs) reads_[static_cast<size_t>(output)] += kReadByCaller;
}

const OperatorInfo* TensorReaders::Next(const OperatorInfo& first, const OperatorInfo& op,
                                        std::span<const TensorState> states, std::string* why) const {
  if (op.outputs.size() != 1) {
    *why = StrCat("operator ", op.index, " has ", op.outputs.size(), " outputs");
    return nullptr;
  }
  const auto link = static_cast<size_t>(op.outputs[0]);
  const std::string name = StrCat("tensor ", op.outputs[0], " (", Printable(graph_.tensors[link].name), ")");
  if (reads_[link] != 1) {
    *why = StrCat(name, reads_[link] == 0 ? " has no reader" : " is read by more than the next operator");
    return nullptr;
  }
  if (states[link].info->is_variable) {
    *why = StrCat(name, " is a variable");
    return nullptr;
  }
  const OperatorInfo& next = graph_.operators[static_cast<size_t>(last_reader_[link])];
  for (const int input : next.inputs) {
    if (input < 0 || input == op.outputs[0]) continue;
    const TensorState& other = states[static_cast<size_t>(input)];
    if (other.info->is_variable || other.is_dynamic) {
      *why = StrCat("tensor ", input, " (", Printable(other.info->name), "), which operator ", next.index,
                    " needs, may change on the way");
      return nullptr;
    }
    if (written_by_[static_cast<size_t>(input)] >= first.index) {
      *why = StrCat("tensor ", input, " (", Printable(other.info->name), "), which operator ", next.index,
                    " needs, comes later");
      return nullptr;
    }
  }
  return &next;
}

OperatorChain TensorReaders::ChainFrom(const OperatorInfo& op, std::span<const TensorState> states,
                                       const KernelSpec& kernels, bool is_main) const {
  OperatorChain chain{{&op}, ""};
  const auto pinned = [&](const OperatorInfo& one) {
    const std::string plugin = PinnedPlugin(kernels, one, graph_, is_main);
    if (!plugin.empty()) chain.end = StrCat("operator ", one.index, " is pinned to ", plugin);
    return !plugin.empty();
  };
  if (pinned(op)) return chain;
  while (chain.operators.size() < GLIMPSE_MAX_CHAIN) {
    const OperatorInfo* next = Next(op, chain.last(), states, &chain.end);
    if (next == nullptr || pinned(*next)) return chain;
    chain.operators.push_back(next);
  }
  chain.end = StrCat("a chain has at most ", GLIMPSE_MAX_CHAIN, " operators");
  return chain;
}

}  // namespace glimpse
