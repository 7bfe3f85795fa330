// SPDX-License-Identifier: Apache-2.0
// Orders the kernels on offer for one operator.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/kernel_spec.h"
#include "engine/run/operator_chain.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// One kernel that fits by its descriptor.
struct Candidate {
  const Plugin* plugin = nullptr;
  uint32_t descriptor = 0;
  size_t operators = 1;  // of the chain that it computes
  uint32_t score = 0;
  std::string why;  // why it stands where it stands in the order
};

struct Selection {
  std::vector<Candidate> candidates;  // best first; prepare() decides which one serves
  std::vector<std::string> rejected;  // "IMPL: reason", kernels for this operator that do not fit
};

// Shows beginnings of one chain as nodes, each made when it is first asked for. The references outlive it.
class ChainViews {
 public:
  ChainViews(const OperatorChain& chain, std::span<const TensorState> states, const std::string& numerics)
      : chain_(chain), states_(states), numerics_(numerics) {}

  const OperatorChain& chain() const { return chain_; }
  // The first `operators` of the chain.
  const glimpse_node& node(size_t operators);

 private:
  const OperatorChain& chain_;
  std::span<const TensorState> states_;
  const std::string& numerics_;
  std::unique_ptr<NodeView> views_[GLIMPSE_MAX_CHAIN];
};

// Judges every kernel of `plugins` for the first operator of a chain, or for the chain's beginning, by name, version,
// counts, type of the first input, profile and CPU features, then asks the rest for their score. A pin leaves one
// plugin; spec.use puts one plugin first; then the score decides, then the plugin's name. [control]
Selection SelectKernels(ChainViews& views, const PluginHost& plugins, const KernelSpec& spec,
                        const std::string& pinned_plugin);

// Checks that every plugin that `spec` names is loaded and has kernels that can run on this machine, and that every
// override matches an operator of `model`. Errors: kInvalidArgument with the nearest name; kUnsupported with what the
// processor lacks.
Result<void> CheckKernelSpec(const KernelSpec& spec, const Model& model, const PluginHost& plugins);

// The plugin that `spec` pins `op` of `graph` to, or "". Positions count in the main subgraph only.
std::string PinnedPlugin(const KernelSpec& spec, const OperatorInfo& op, const Subgraph& graph, bool is_main);

}  // namespace glimpse
