// SPDX-License-Identifier: Apache-2.0
#include "daemon/graph.h"

#include <utility>

#include "base/sha256.h"
#include "base/strings.h"
#include "engine/run/kernel_spec.h"

namespace glimpse::daemon {
namespace {

static_assert(config::kMostThreads <= WorkerPool::kMostWorkers);

// The model that served so far, if `path` still holds it.
Result<std::shared_ptr<const Model>> LoadOrKeep(const std::string& path, const config::ModelLimits& limits,
                                                const Graph* before) {
  if (before != nullptr && before->plan.model->path() == path && before->plan.limits == limits) {
    const auto digest = Sha256OfFile(path, limits.file_bytes);
    if (digest && Sha256Text(*digest) == before->plan.model->sha256()) return before->plan.model;
  }
  return Model::Load(path, LimitsOf(limits));
}

}  // namespace

Limits LimitsOf(const config::ModelLimits& limits) {
  return {.file_bytes = limits.file_bytes,
          .tensors = limits.tensors,
          .operators = limits.operators,
          .tensor_bytes = limits.tensor_bytes,
          .arena_bytes = limits.memory_bytes,
          .work = limits.work,
          .loop_iterations = limits.loop_iterations,
          .seconds = limits.seconds};
}

Unexpected At(const std::string& place, Error error) {
  if (error.message.starts_with(place)) return Unexpected(std::move(error));
  return Unexpected(error.code, StrCat(place, ": ", error.message));
}

Unexpected AtConfig(const std::string& place, Error error) {
  if (error.code == ErrorCode::kInvalidArgument) error.code = ErrorCode::kInvalidConfig;
  return At(place, std::move(error));
}

Result<GraphPlan> PlanGraph(const config::Config& config, const config::Pipeline& pipeline, const Graph* before) {
  const std::string key = StrCat("pipelines.", pipeline.name);
  if (auto known = CheckNumerics(pipeline.numerics); !known) {
    return AtConfig(config.PlaceOf(key + ".numerics"), known.error());
  }
  GraphPlan plan;
  plan.pipeline = pipeline.name;
  plan.limits = pipeline.limits;
  plan.options.limits = LimitsOf(pipeline.limits);
  plan.options.numerics = pipeline.numerics;
  plan.options.kernels.use = pipeline.kernels.use;
  plan.options.kernels.overrides = pipeline.kernels.overrides;
  plan.kernels_place = config.PlaceOf(key + ".kernels");
  GLIMPSE_ASSIGN_OR_RETURN(plan.options.workers, WorkerPool::OfProcess(config.threads));
  GLIMPSE_ASSIGN_OR_RETURN(plan.model, LoadOrKeep(pipeline.model, pipeline.limits, before));
  GLIMPSE_ASSIGN_OR_RETURN(plan.golden, golden::ReadFileIfThere(golden::FileBeside(pipeline.model)));
  if (plan.golden && plan.golden->vectors.model != plan.model->sha256()) {
    return Unexpected(ErrorCode::kInvalidModel,
                      StrCat(plan.golden->path, ": is of another model (", Printable(plan.golden->vectors.model, 80),
                             "), ", pipeline.model, " is ", plan.model->sha256(),
                             "; make it again with 'glimpse golden ", pipeline.model, "', or remove it"));
  }
  return plan;
}

Result<std::shared_ptr<Graph>> BuildGraph(GraphPlan plan, std::shared_ptr<const PluginHost> plugins) {
  auto graph = std::make_shared<Graph>();
  graph->images = ImagesOf(*plugins);
  graph->plugins = plugins;
  auto interpreter = Interpreter::Create(plan.model, std::move(plugins), plan.options);
  if (!interpreter) {
    if (interpreter.error().code == ErrorCode::kInvalidArgument) {
      return AtConfig(plan.kernels_place, interpreter.error());
    }
    return At(plan.model->path(), interpreter.error());
  }
  graph->interpreter = std::move(*interpreter);
  for (const TensorInfo& tensor : plan.model->main().tensors) {
    graph->dynamic = graph->dynamic || graph->interpreter->tensor(tensor.index).dynamic;
  }
  graph->plan = std::move(plan);
  return graph;
}

std::vector<const void*> ImagesOf(const PluginHost& plugins) {
  std::vector<const void*> images;
  for (const auto& plugin : plugins.plugins()) images.push_back(&plugin->factory());
  return images;
}

bool IsSame(const Graph& graph, const GraphPlan& plan, const std::vector<const void*>& images) {
  const GraphPlan& served = graph.plan;
  const auto content = [](const GraphPlan& of) {
    return of.golden ? std::optional(of.golden->content) : std::optional<Sha256Digest>();
  };
  // A graph with dynamic tensors changes its own description while it runs, so nobody else may look at it then.
  return !graph.dynamic && served.model->sha256() == plan.model->sha256() &&
         served.model->path() == plan.model->path() && served.limits == plan.limits &&
         served.options.numerics == plan.options.numerics && served.options.kernels.use == plan.options.kernels.use &&
         served.options.kernels.overrides == plan.options.kernels.overrides &&
         served.options.workers == plan.options.workers && content(served) == content(plan) && graph.images == images;
}

Result<golden::Comparison> Prove(Graph& graph, const golden::Vectors& vectors, const std::string& what,
                                 const std::string& remedy, golden::Watcher* watcher, WrongKernel* wrong) {
  if (const auto fits = golden::CheckFit(vectors, *graph.interpreter); !fits) {
    return Unexpected(fits.error().code, StrCat(what, ": ", fits.error().message));
  }
  auto comparison = golden::Compare(*graph.interpreter, vectors, watcher);
  if (!comparison) {
    return Unexpected(comparison.error().code,
                      StrCat("pipeline '", graph.plan.pipeline, "', ", what, ": ", comparison.error().message));
  }
  if (!comparison->difference) return comparison;
  const golden::Difference& difference = *comparison->difference;
  *wrong = {graph.plan.pipeline, difference.op.info->index,
            golden::LayerName(*difference.op.info, graph.plan.model->main()), difference.op.impl, difference.op.plugin};
  return Unexpected(ErrorCode::kPlugin,
                    StrCat("pipeline '", graph.plan.pipeline, "', ", what, ": ", difference.text, "; ", remedy));
}

Result<void> ProveGolden(Graph& graph, golden::Watcher* watcher, WrongKernel* wrong) {
  if (!graph.plan.HasVectors()) return {};
  const golden::File& file = *graph.plan.golden;
  GLIMPSE_ASSIGN_OR_RETURN(
      const auto comparison,
      Prove(graph, file.vectors, StrCat("golden file ", file.path),
            "the model is not served so: choose another kernel, or, if the file is wrong, make it again with 'glimpse "
            "golden'",
            watcher, wrong));
  graph.golden_operators = comparison.operators;
  // They have done their work; what is left says what was proved.
  graph.plan.golden->vectors.operators = {};
  graph.plan.golden->vectors.inputs.data = {};
  return {};
}

}  // namespace glimpse::daemon
