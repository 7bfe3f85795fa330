// SPDX-License-Identifier: Apache-2.0
// A pipeline's model, bound to kernels: what a reload builds anew, or keeps.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"
#include "golden/golden_file.h"

namespace glimpse::daemon {

// The limits of the configuration as the engine takes them. Reentrant.
Limits LimitsOf(const config::ModelLimits& limits);

// `error` with `place` before it, unless it begins so already.
Unexpected At(const std::string& place, Error error);
// The same for what the configuration says: a name that the engine does not know is the configuration's fault.
Unexpected AtConfig(const std::string& place, Error error);

// Everything that decides what a graph computes, but for the code of the plugins.
struct GraphPlan {
  std::string pipeline;
  std::shared_ptr<const Model> model;
  InterpreterOptions options;
  config::ModelLimits limits;
  std::optional<golden::File> golden;  // MODEL.golden, of whatever profile
  std::string kernels_place;           // where the configuration chooses them, for errors

  // Whether the golden file says something about this graph.
  bool HasVectors() const { return golden && golden->vectors.numerics == options.numerics; }
};

// One run-time instance. Belongs to the inference thread once it serves; `plan`, `plugins` and `images` do not change.
struct Graph {
  GraphPlan plan;
  std::shared_ptr<const PluginHost> plugins;  // which it was chosen from
  std::vector<const void*> images;            // of these, as loaded
  std::unique_ptr<Interpreter> interpreter;
  bool dynamic = false;           // some tensor's shape is only known when it runs
  uint64_t golden_operators = 0;  // that the golden file proved
};

// Reads the model and its golden file. `before`, if given, is the graph that served so far: when the file still is what
// that was read from, its model is used again and not held twice. Errors: those of Model::Load and
// golden::ReadFileIfThere; kInvalidConfig for an unknown profile; kInvalidModel for a golden file of another model.
Result<GraphPlan> PlanGraph(const config::Config& config, const config::Pipeline& pipeline, const Graph* before);

// Binds kernels. Errors: those of Interpreter::Create, with their place.
Result<std::shared_ptr<Graph>> BuildGraph(GraphPlan plan, std::shared_ptr<const PluginHost> plugins);

// What distinguishes loaded plugins: other code, even of the same name and path, gives another list.
std::vector<const void*> ImagesOf(const PluginHost& plugins);

// Whether `graph` is what BuildGraph() would make, so that it may serve on.
bool IsSame(const Graph& graph, const GraphPlan& plan, const std::vector<const void*>& images);

// What a kernel was found to compute wrongly, for machines; the error says the same to people.
struct WrongKernel {
  std::string pipeline;
  int op = -1;
  std::string layer;   // "CONV_2D 'model/conv2d/Conv2D'"
  std::string kernel;  // "org.glimpse.avx2.CONV_2D"
  std::string plugin;
};

// Runs `vectors` on `graph`. `what` names them in the error, `remedy` ends it. Errors: kPlugin when an operator
// differs, and then `wrong` is filled; those of Interpreter::Invoke().
Result<golden::Comparison> Prove(Graph& graph, const golden::Vectors& vectors, const std::string& what,
                                 const std::string& remedy, golden::Watcher* watcher, WrongKernel* wrong);

// Prove() with the graph's golden file, if it has one of its profile. The vectors are let go of afterwards: once for
// each graph.
Result<void> ProveGolden(Graph& graph, golden::Watcher* watcher, WrongKernel* wrong);

}  // namespace glimpse::daemon
