// SPDX-License-Identifier: Apache-2.0
#include "daemon/reload/shadow.h"

#include <optional>
#include <utility>

#include "classifier/picture_input.h"

namespace glimpse::daemon {
namespace {

// Of a model that nobody gave vectors for.
constexpr uint64_t kSeededSamples = 2;

// Appends the tensor that each region of `frame` becomes.
Result<void> AddFrame(const media::Frame& frame, std::vector<media::Preprocessor>& parts, golden::Inputs* inputs) {
  for (media::Preprocessor& part : parts) {
    if (inputs->data.size() >= golden::kMaxSamples) return {};
    std::vector<std::byte> tensor(part.input().Bytes());
    const auto report = part.Run(frame, tensor);
    if (!report) continue;  // what does not fit a frame is the transaction's to judge
    inputs->data.push_back({std::move(tensor)});
  }
  return {};
}

}  // namespace

Deadline::Deadline(double seconds, std::stop_token stop)
    : end_(std::chrono::steady_clock::now() +
           std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds))),
      stop_(std::move(stop)) {}

bool Deadline::Continue() { return !stop_.stop_requested() && std::chrono::steady_clock::now() < end_; }

Result<golden::Inputs> ShadowInputs(const GraphPlan& plan, const config::Pipeline& settings,
                                    const std::vector<media::Frame>& frames) {
  const Subgraph& graph = plan.model->main();
  golden::Inputs inputs;
  if (!frames.empty() && graph.inputs.size() == 1) {
    const TensorInfo& input = graph.tensors[static_cast<size_t>(graph.inputs[0])];
    GLIMPSE_ASSIGN_OR_RETURN(const media::InputSpec spec, classifier::PictureInputOf(*plan.model, input.shape));
    std::vector<std::optional<config::Region>> regions(settings.regions.begin(), settings.regions.end());
    if (regions.empty()) regions.emplace_back();
    std::vector<media::Preprocessor> parts;
    for (const auto& region : regions) {
      auto part = media::Preprocessor::Create(settings.preprocess, region, spec);
      if (!part) return Unexpected(std::move(part).error());
      parts.push_back(std::move(*part));
    }
    for (const media::Frame& frame : frames) GLIMPSE_RETURN_IF_ERROR(AddFrame(frame, parts, &inputs));
    if (!inputs.data.empty()) {
      inputs.seeded = false;
      inputs.samples = inputs.data.size();
      return inputs;
    }
  }
  if (plan.HasVectors()) return plan.golden->vectors.inputs;
  inputs.samples = kSeededSamples;
  return inputs;
}

Result<golden::Vectors> ShadowVectors(const GraphPlan& plan, const config::Pipeline& settings,
                                      const std::vector<media::Frame>& frames, const Graph* old,
                                      const std::shared_ptr<const PluginHost>& old_plugins, golden::Watcher& watcher) {
  GLIMPSE_ASSIGN_OR_RETURN(golden::Inputs inputs, ShadowInputs(plan, settings, frames));
  golden::Vectors nothing_expected;
  nothing_expected.model = plan.model->sha256();
  nothing_expected.numerics = plan.options.numerics;
  nothing_expected.kernels = plan.options.kernels.ToString();
  nothing_expected.inputs = inputs;
  if (old != nullptr && old->plan.model->sha256() == plan.model->sha256() &&
      old->plan.options.numerics == plan.options.numerics) {
    GraphPlan same = old->plan;
    same.golden.reset();
    GLIMPSE_ASSIGN_OR_RETURN(const auto copy, BuildGraph(std::move(same), old_plugins));
    auto recorded = golden::Record(*copy->interpreter, std::move(inputs), &watcher);
    const bool declined = !recorded && recorded.error().code == ErrorCode::kInvalidArgument;
    if (!declined || !nothing_expected.inputs.seeded) return recorded;
  }
  return nothing_expected;
}

}  // namespace glimpse::daemon
