// SPDX-License-Identifier: Apache-2.0
// What all subgraphs of one interpreter share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"
#include "engine/run/memory_budget.h"
#include "engine/run/variables.h"
#include "engine/run/work_meter.h"

namespace glimpse {

class SubgraphRunner;

// Not thread-safe. What the references name outlives it.
struct RunContext {
  RunContext(const Model& the_model, const PluginHost& the_plugins, const InterpreterOptions& the_options);
  ~RunContext();
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  // The one runner of a subgraph, made when it is first asked for. Subgraphs do not call themselves, so one is never
  // running twice. REQUIRES: index in range.
  SubgraphRunner& runner(int subgraph);

  const Model& model;
  const PluginHost& plugins;
  const InterpreterOptions& options;
  MemoryBudget memory;
  WorkMeter meter;
  Variables variables;
  std::vector<bool> initialised;  // by subgraph: whether CALL_ONCE ran it
  // While the interpreter is being made: every operator that nobody serves, so that all are listed at once.
  std::vector<std::string> unsupported;
  std::vector<std::unique_ptr<SubgraphRunner>> runners;  // by subgraph, null when nobody called it
};

}  // namespace glimpse
