// SPDX-License-Identifier: Apache-2.0
// Orders the kernels on offer for one operator.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/kernel_spec.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// One kernel that fits by its descriptor.
struct Candidate {
  const Plugin* plugin = nullptr;
  uint32_t descriptor = 0;
  uint32_t score = 0;
  std::string why;  // why it stands where it stands in the order
};

struct Selection {
  std::vector<Candidate> candidates;  // best first; prepare() decides which one serves
  std::vector<std::string> rejected;  // "IMPL: reason", kernels for this operator that do not fit
};

// Judges every kernel of `plugins` for `node` (made from `op`) by name, version, counts, type of the first input,
// profile and CPU features, then asks the rest for their score. A pin leaves one plugin; spec.use puts one plugin
// first; then the score decides, then the plugin's name. [control]
Selection SelectKernels(const OperatorInfo& op, const glimpse_node& node, const PluginHost& plugins,
                        const KernelSpec& spec, const std::string& pinned_plugin);

// Checks that every plugin that `spec` names is loaded and every override matches an operator of `model`.
// Errors: kInvalidArgument with the nearest name.
Result<void> CheckKernelSpec(const KernelSpec& spec, const Model& model, const PluginHost& plugins);

// The plugin that `spec` pins `op` of `graph` to, or "". Positions count in the main subgraph only.
std::string PinnedPlugin(const KernelSpec& spec, const OperatorInfo& op, const Subgraph& graph, bool is_main);

}  // namespace glimpse
