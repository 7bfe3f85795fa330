// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_context.h"

#include "engine/run/subgraph_runner.h"

namespace glimpse {

RunContext::RunContext(const Model& the_model, const PluginHost& the_plugins, const InterpreterOptions& the_options)
    : model(the_model),
      plugins(the_plugins),
      options(the_options),
      memory(the_options.limits.arena_bytes),
      meter(the_options.limits),
      variables(memory),
      initialised(the_model.subgraphs().size()),
      runners(the_model.subgraphs().size()) {}

RunContext::~RunContext() = default;

SubgraphRunner& RunContext::runner(int subgraph) {
  const auto index = static_cast<size_t>(subgraph);
  if (!runners[index]) runners[index] = std::make_unique<SubgraphRunner>(*this, model.subgraphs()[index]);
  return *runners[index];
}

}  // namespace glimpse
