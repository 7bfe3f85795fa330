// SPDX-License-Identifier: Apache-2.0
#include "daemon/reload/transaction.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "daemon/reload/shadow.h"

namespace glimpse::daemon {
namespace {

constexpr const char* kGoldenRemedy =
    "the model is not served so: choose another kernel, or, if the file is wrong, make it again with 'glimpse golden'";
constexpr const char* kShadowRemedy =
    "its kernel is not bit for bit what computes the layer now, though only kernels changed: choose another one";

}  // namespace

// A pipeline on its way.
struct Transaction::Part {
  const config::Pipeline* settings = nullptr;
  const Pipeline* old = nullptr;  // of that name, which serves
  GraphPlan plan;
  std::shared_ptr<Graph> graph;  // the old one when it serves on
  std::vector<media::Frame> frames;
  TrialVectors shadow;
};

PluginGate NotePlugins(KnownPlugins* known) {
  return [known](const std::string&, std::span<const std::byte> bytes) -> Result<void> {
    known->insert(Sha256(bytes));
    return {};
  };
}

Transaction::Transaction(std::shared_ptr<const Generation> old, KnownPlugins* known, std::stop_token stop,
                         std::string program)
    : old_(std::move(old)), known_(known), stop_(std::move(stop)), program_(std::move(program)) {}

Result<std::shared_ptr<Generation>> Transaction::Prepare(config::Config config) {
  GLIMPSE_RETURN_IF_ERROR(CheckHasPipelines(config));
  GLIMPSE_RETURN_IF_ERROR(CheckWhatStays(config));
  auto next = std::make_shared<Generation>();
  next->config = std::move(config);
  GLIMPSE_ASSIGN_OR_RETURN(std::vector<Part> parts, Plan(next->config));
  bool new_code = false;
  GLIMPSE_RETURN_IF_ERROR(LoadKnownPlugins(*next, &new_code));
  const std::vector<const void*> images = new_code ? std::vector<const void*>() : ImagesOf(*next->plugins);
  bool new_graphs = false;
  for (Part& part : parts) {
    if (!new_code && part.old != nullptr && IsSame(*part.old->graph(), part.plan, images)) {
      part.graph = part.old->graph();
    } else {
      new_graphs = true;
    }
  }
  if (new_code || new_graphs) {
    GLIMPSE_RETURN_IF_ERROR(Try(*next, parts));
    if (new_code) {
      bool still_new = false;
      GLIMPSE_RETURN_IF_ERROR(LoadKnownPlugins(*next, &still_new));
      if (still_new) {
        return Unexpected(ErrorCode::kPlugin, "a plugin was replaced while it was tried; reload again");
      }
    }
  }
  for (Part& part : parts) {
    if (!part.graph) GLIMPSE_RETURN_IF_ERROR(Build(*next, part));
    GLIMPSE_ASSIGN_OR_RETURN(auto pipeline, Pipeline::Create(next->config, *part.settings, part.graph));
    GLIMPSE_RETURN_IF_ERROR(CheckFrames(*next, *pipeline));
    next->pipelines.push_back(std::move(pipeline));
  }
  Describe(*next);
  findings_.cameras = NewCameras(next->config, *old_);
  return next;
}

Result<void> Transaction::CheckWhatStays(const config::Config& config) const {
  const auto check = [&](const char* name, const config::Socket& now, const config::Socket& wanted) -> Result<void> {
    if (now == wanted) return {};
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat(config.PlaceOf(StrCat("sockets.", name)), ": path, mode and group of the socket '", name,
                             "' cannot change while the daemon runs; restart it, or put back ", now.path));
  };
  const config::Sockets& now = old_->config.sockets;
  GLIMPSE_RETURN_IF_ERROR(check("read", now.read, config.sockets.read));
  GLIMPSE_RETURN_IF_ERROR(check("control", now.control, config.sockets.control));
  if (config.metrics == old_->config.metrics) return {};
  return Unexpected(ErrorCode::kInvalidConfig, StrCat(config.PlaceOf("metrics"),
                                                      ": the section 'metrics' cannot change while the daemon runs; "
                                                      "restart it, or put the section back as it was"));
}

Result<std::vector<Transaction::Part>> Transaction::Plan(const config::Config& config) {
  std::vector<Part> parts;
  for (const auto& [name, settings] : config.pipelines) {
    Part part;
    part.settings = &settings;
    part.old = old_->Find(name);
    GLIMPSE_ASSIGN_OR_RETURN(part.plan,
                             PlanGraph(config, settings, part.old != nullptr ? part.old->graph().get() : nullptr));
    if (IsUsed(config, settings.camera)) part.frames = FramesOf(settings.camera);
    parts.push_back(std::move(part));
  }
  return parts;
}

// Frames of a camera of that name are worth something even if it is set up otherwise now.
std::vector<media::Frame> Transaction::FramesOf(const std::string& camera) const {
  const auto capture = old_->FindCapture(camera);
  return capture ? capture->Recent() : std::vector<media::Frame>();
}

// Loads the plugins of the configuration if all of their code is known; otherwise nothing but that is found out.
Result<void> Transaction::LoadKnownPlugins(Generation& next, bool* new_code) {
  const PluginGate gate = [&](const std::string&, std::span<const std::byte> bytes) -> Result<void> {
    if (known_->count(Sha256(bytes)) > 0) return {};
    *new_code = true;
    return Unexpected(ErrorCode::kPlugin, "has not been tried yet");
  };
  auto plugins = LoadPlugins(next.config, gate);
  if (*new_code) return {};  // what else is wrong, the trial finds
  if (!plugins) return Unexpected(std::move(plugins).error());
  next.plugins = std::move(*plugins);
  return {};
}

Result<void> Transaction::Try(const Generation& next, std::vector<Part>& parts) {
  TrialRequest request;
  request.config.plugin_path = next.config.plugin_path;
  request.config.places = next.config.places;
  request.config.files = next.config.files;
  request.seconds = next.config.reload.trial_s;
  request.vector_seconds = next.config.reload.time_s;
  for (Part& part : parts) {
    if (part.graph) continue;
    Deadline deadline(next.config.reload.time_s, stop_);
    GLIMPSE_ASSIGN_OR_RETURN(
        golden::Vectors shadow,
        ShadowVectors(part.plan, *part.settings, part.frames, part.old != nullptr ? part.old->graph().get() : nullptr,
                      old_->plugins, deadline));
    const bool made_up = shadow.inputs.seeded;
    part.shadow = {made_up               ? "made-up inputs"
                   : part.frames.empty() ? "golden inputs"
                                         : "the last frames",
                   kShadowRemedy, std::move(shadow), made_up};
    TrialGraph graph{
        part.plan.pipeline,        part.plan.model->path(), part.plan.model->sha256(), part.plan.options.numerics,
        part.plan.options.kernels, part.plan.kernels_place, part.plan.limits,          {}};
    if (part.plan.HasVectors()) {
      graph.vectors.push_back(
          {StrCat("golden file ", part.plan.golden->path), kGoldenRemedy, part.plan.golden->vectors, false});
    }
    graph.vectors.push_back(part.shadow);
    request.graphs.push_back(std::move(graph));
  }
  GLIMPSE_ASSIGN_OR_RETURN(const TrialOutcome outcome, RunTrial(request, stop_, program_));
  findings_.tried = true;
  if (!outcome.error.message.empty()) {
    findings_.wrong = outcome.wrong;
    return Unexpected(outcome.error);
  }
  known_->insert(outcome.tried.begin(), outcome.tried.end());
  return {};
}

// The graph that will serve, proved once more where it will serve.
Result<void> Transaction::Build(const Generation& next, Part& part) {
  GLIMPSE_ASSIGN_OR_RETURN(part.graph, BuildGraph(std::move(part.plan), next.plugins));
  Deadline deadline(next.config.reload.time_s, stop_);
  GLIMPSE_RETURN_IF_ERROR(ProveGolden(*part.graph, &deadline, &findings_.wrong));
  Deadline shadow_deadline(next.config.reload.time_s, stop_);
  GLIMPSE_ASSIGN_OR_RETURN(const auto compared,
                           ProveTrial(*part.graph, part.shadow, &shadow_deadline, &findings_.wrong));
  if (stop_.stop_requested()) return Unexpected(ErrorCode::kExhausted, "the daemon ends");
  findings_.frames += compared.samples;
  findings_.rebuilt.push_back(part.settings->name);
  part.shadow = {};
  return {};
}

// A region outside the picture is found before it serves. Where regions and camera are as they were, the old state had
// the same difficulty, and refusing helps nobody.
Result<void> Transaction::CheckFrames(const Generation& next, Pipeline& pipeline) {
  const config::Pipeline& settings = pipeline.settings();
  const Pipeline* old = old_->Find(settings.name);
  if (old != nullptr && old->settings().regions == settings.regions &&
      old->settings().preprocess == settings.preprocess && old->settings().camera == settings.camera) {
    return {};
  }
  const auto capture = old_->FindCapture(settings.camera);
  const auto wanted = next.config.cameras.find(settings.camera);
  if (!capture || wanted == next.config.cameras.end() || capture->camera() != wanted->second) return {};
  for (const media::Frame& frame : capture->Recent()) {
    const auto fits = pipeline.CheckFrame(frame);
    if (!fits) {
      return At(next.config.PlaceOf(StrCat("pipelines.", settings.name, ".regions")),
                {ErrorCode::kInvalidConfig, fits.error().message});
    }
  }
  return {};
}

std::vector<std::string> NewCameras(const config::Config& config, const Generation& old) {
  std::vector<std::string> names;
  for (const auto& [name, camera] : config.cameras) {
    if (!IsUsed(config, name)) continue;
    const auto capture = old.FindCapture(name);
    if (!capture || capture->camera() != camera) names.push_back(name);
  }
  return names;
}

bool ShareDevice(const config::Camera& a, const config::Camera& b) {
  const auto live = [](const config::Camera& camera) {
    return camera.source == config::Camera::Source::kLibcamera || camera.source == config::Camera::Source::kV4l2;
  };
  // Of two readers of a FIFO each would get part of its frames.
  if (a.source == config::Camera::Source::kVideo && b.source == a.source) return a.path == b.path;
  return live(a) && live(b) && (a.id == b.id || a.id == "auto" || b.id == "auto");
}

}  // namespace glimpse::daemon
