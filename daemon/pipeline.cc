// SPDX-License-Identifier: Apache-2.0
#include "daemon/pipeline.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/strings.h"
#include "classifier/labels.h"
#include "classifier/picture_input.h"
#include "daemon/describe.h"
#include "media/convert.h"

namespace glimpse::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

int64_t Microseconds(SteadyClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

SteadyClock::duration StaleAfter(const config::Config& config, const config::Pipeline& pipeline) {
  double seconds = pipeline.decide.stale_s;
  const auto camera = config.cameras.find(pipeline.camera);
  if (seconds > 0 && camera != config.cameras.end()) seconds = std::max(seconds, 3 / camera->second.fps);
  return std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
}

Result<classifier::Labels> LabelsFor(const config::Config& config, const config::Pipeline& pipeline, const Model& model,
                                     size_t classes) {
  auto labels = classifier::FindLabels(pipeline.labels, model, classes);
  if (labels || pipeline.labels.empty()) return labels;
  // A file that cannot be read is the fault of what names it.
  return At(config.PlaceOf(StrCat("pipelines.", pipeline.name, ".labels")),
            {ErrorCode::kInvalidConfig, labels.error().message});
}

// What the model brings along and is therefore not the configuration's, for the log.
std::vector<std::string> NotesOn(const config::Pipeline& pipeline, const media::InputSpec& spec,
                                 const classifier::Labels& labels) {
  std::vector<std::string> notes;
  if (!spec.normalisation.empty()) {
    bool configured = false;
    for (const auto& step : pipeline.preprocess) {
      configured = configured || std::holds_alternative<config::NormaliseStep>(step);
    }
    std::vector<std::string> channels;
    for (const media::Affine& each : spec.normalisation)
      channels.push_back(StrCat("mean ", each.mean, " std ", each.std));
    notes.push_back(StrCat("normalisation of the model's metadata (", StrJoin(channels, "; "), ")",
                           configured ? " instead of the configuration's" : ""));
  }
  if (labels.source == classifier::LabelSource::kModel)
    notes.push_back(StrCat("labels of the model's packed file '", Printable(labels.origin, 100), "'"));
  return notes;
}

std::set<KernelUse> KernelsOf(const Interpreter& interpreter, const PluginHost& host) {
  std::set<KernelUse> uses;
  for (const PlannedOperator& planned : interpreter.plan()) {
    std::string version;
    for (const auto& plugin : host.plugins()) {
      if (plugin->name() == planned.plugin) version = plugin->version();
    }
    if (!planned.plugin.empty()) uses.insert({std::string(planned.info->ShortName()), planned.plugin, version});
  }
  return uses;
}

TensorFacts FactsOf(const TensorView& tensor) {
  TensorFacts facts;
  facts.name = tensor.info->name;
  facts.type = tensor.info->type;
  facts.shape.assign(tensor.shape.begin(), tensor.shape.end());
  const auto& quantization = tensor.info->quantization;
  facts.quantized = quantization.scales.size() == 1;
  if (facts.quantized) {
    facts.scale = quantization.scales[0];
    facts.zero_point = quantization.zero_points[0];
  }
  return facts;
}

}  // namespace

Pipeline::Pipeline(config::Pipeline settings, std::shared_ptr<Graph> graph, ScoreReader scores)
    : settings_(std::move(settings)),
      graph_(std::move(graph)),
      interpreter_(graph_->interpreter.get()),
      operator_timer_(*interpreter_),
      score_reader_(scores),
      trigger_(settings_.trigger, settings_.regions),
      last_seen_(SteadyClock::now()),
      last_time_(std::chrono::system_clock::now()) {}

Result<std::unique_ptr<Pipeline>> Pipeline::Create(const config::Config& config, const config::Pipeline& settings,
                                                   std::shared_ptr<const PluginHost> plugins) {
  GLIMPSE_ASSIGN_OR_RETURN(GraphPlan plan, PlanGraph(config, settings, nullptr));
  GLIMPSE_ASSIGN_OR_RETURN(auto graph, BuildGraph(std::move(plan), std::move(plugins)));
  return Create(config, settings, std::move(graph));
}

Result<std::unique_ptr<Pipeline>> Pipeline::Create(const config::Config& config, const config::Pipeline& settings,
                                                   std::shared_ptr<Graph> graph) {
  const Interpreter* interpreter = graph->interpreter.get();
  if (interpreter->inputs().size() != 1 || interpreter->outputs().empty()) {
    return Unexpected(ErrorCode::kUnsupported,
                      StrCat(settings.model, ": has ", interpreter->inputs().size(), " inputs and ",
                             interpreter->outputs().size(), " outputs; a classifier of pictures has one of each"));
  }
  if (interpreter->outputs()[0].dynamic) {
    return Unexpected(ErrorCode::kUnsupported,
                      StrCat(settings.model, ": the shape of its output is only known when it runs"));
  }
  const Model& model = interpreter->model();
  GLIMPSE_ASSIGN_OR_RETURN(const media::InputSpec spec,
                           classifier::PictureInputOf(model, interpreter->inputs()[0].shape));
  auto scores = ScoreReader::Create(model.main(), interpreter->outputs()[0]);
  if (!scores) return At(settings.model, scores.error());
  GLIMPSE_ASSIGN_OR_RETURN(auto labels, LabelsFor(config, settings, model, scores->classes()));

  std::unique_ptr<Pipeline> pipeline(new Pipeline(settings, std::move(graph), *scores));
  pipeline->stale_after_ = StaleAfter(config, settings);
  GLIMPSE_RETURN_IF_ERROR(pipeline->MakeParts(spec, config));
  auto info = std::make_shared<PipelineInfo>();
  info->name = settings.name;
  info->camera = settings.camera;
  for (const Part& part : pipeline->parts_) info->regions.push_back(part.name);
  info->notes = NotesOn(settings, spec, labels);
  info->labels = std::move(labels.names);
  info->model_name = std::filesystem::path(settings.model).filename().string();
  info->model_sha256 = model.sha256();
  info->kernels = KernelsOf(*pipeline->interpreter_, *pipeline->graph_->plugins);
  info->numerics = settings.numerics;
  info->config_sha256 = config.sha256;
  info->description = DescribePipeline(settings, *pipeline->graph_,
                                       {spec.normalisation, info->labels, labels.source, scores->probabilities()});
  pipeline->info_ = std::move(info);
  pipeline->evidence_ = std::make_shared<EvidenceStore>(settings.keep, FactsOf(pipeline->interpreter_->inputs()[0]),
                                                        FactsOf(pipeline->interpreter_->outputs()[0]));
  return pipeline;
}

Result<void> Pipeline::MakeParts(const media::InputSpec& spec, const config::Config& config) {
  std::vector<std::optional<config::Region>> regions(settings_.regions.begin(), settings_.regions.end());
  if (regions.empty()) regions.push_back(std::nullopt);
  const auto make = [&](const std::optional<config::Region>& region) -> Result<media::Preprocessor> {
    auto preprocessor = media::Preprocessor::Create(settings_.preprocess, region, spec);
    if (preprocessor) return preprocessor;
    if (preprocessor.error().code == ErrorCode::kUnsupported) return At(settings_.model, preprocessor.error());
    return AtConfig(config.PlaceOf(StrCat("pipelines.", settings_.name, ".preprocess")), preprocessor.error());
  };
  for (const auto& region : regions) {
    GLIMPSE_ASSIGN_OR_RETURN(auto preprocessor, make(region));
    parts_.push_back({region ? region->name : "", std::move(preprocessor), Decider(settings_.decide)});
  }
  GLIMPSE_ASSIGN_OR_RETURN(whole_, make(std::nullopt));
  return {};
}

Result<void> Pipeline::Infer(Prediction* prediction) {
  const auto start = SteadyClock::now();
  const bool timed = --until_timed_ == 0;
  GLIMPSE_RETURN_IF_ERROR(timed ? interpreter_->InvokeObserved(operator_timer_) : interpreter_->Invoke());
  prediction->inference_us = Microseconds(SteadyClock::now() - start);
  if (timed) {
    totals_->Add(operator_timer_.times());
    operator_timer_.Clear();
    until_timed_ = OperatorTimer::kEvery;
  }
  score_reader_.Read(&prediction->scores);
  return {};
}

Prediction Pipeline::NewPrediction() {
  if (spare_.empty()) return {};
  Prediction prediction = std::move(spare_.back());
  spare_.pop_back();
  return prediction;
}

void Pipeline::TakeBack(std::vector<Prediction>* predictions) {
  for (Prediction& each : *predictions) {
    if (spare_.size() < parts_.size()) spare_.push_back(std::move(each));
  }
  predictions->clear();
}

Result<Prediction> Pipeline::Look(const media::Frame& frame, const std::string& region,
                                  media::Preprocessor& preprocessor, Decider* decider, RegionEvidence* evidence) {
  Prediction prediction = NewPrediction();
  prediction.pipeline = info_;
  prediction.has_frame = true;
  prediction.region = region;
  prediction.frame = frame.sequence;
  prediction.origin = frame.origin;
  prediction.time = frame.time;
  prediction.captured = frame.captured;
  prediction.sensor = frame.sensor;
  const auto start = SteadyClock::now();
  GLIMPSE_ASSIGN_OR_RETURN(const auto report, preprocessor.Run(frame, interpreter_->inputs()[0].data));
  prediction.preprocess_us = Microseconds(SteadyClock::now() - start);
  if (evidence != nullptr) {
    // Before the inference, which may overwrite its input.
    const std::span<const std::byte> input = interpreter_->inputs()[0].data;
    evidence->input.assign(input.begin(), input.end());
    evidence->report = report;
  }
  GLIMPSE_RETURN_IF_ERROR(Infer(&prediction));
  if (evidence != nullptr) {
    const std::span<const std::byte> output = interpreter_->outputs()[0].data;
    evidence->output.assign(output.begin(), output.end());
  }
  const auto edge_width = EdgeWidth(frame, region);
  if (evidence != nullptr) evidence->edge_width = edge_width;
  const Sight sight = report.blank                                           ? Sight::kBlank
                      : edge_width && *edge_width > settings_.decide.blur_px ? Sight::kBlurred
                                                                             : Sight::kClear;
  prediction.decision = decider != nullptr ? decider->Decide(prediction.scores, sight)
                                           : DecideOnce(prediction.scores, sight, settings_.decide.margin);
  prediction.age_us = Microseconds(SteadyClock::now() - frame.captured);
  return prediction;
}

std::optional<double> Pipeline::EdgeWidth(const media::Frame& frame, const std::string& region) {
  if (settings_.decide.blur_px <= 0) return std::nullopt;
  media::Rect part{0, 0, frame.width, frame.height};
  for (const config::Region& each : settings_.regions) {
    if (each.name == region) part = {each.x, each.y, each.width, each.height};
  }
  // That it lies within the frame was found by the preprocessor.
  media::ToGrey(frame, part, grey_);
  return sharpness_.EdgeWidth(grey_);
}

std::optional<Pipeline::Failure> Pipeline::Process(const media::Frame& frame, std::vector<Prediction>* predictions) {
  last_seen_ = SteadyClock::now();
  last_time_ = frame.time;
  last_frame_ = frame.sequence;
  last_origin_ = frame.origin;
  // After a "stale" there has to be an answer, even if everything looks as before.
  if (std::exchange(stale_, false)) trigger_.Reset();
  if (!trigger_.Wants(frame, requested_->exchange(false))) return std::nullopt;
  const size_t before = predictions->size();
  std::vector<RegionEvidence> evidence;
  evidence.reserve(evidence_->enabled() ? parts_.size() : 0);
  for (Part& part : parts_) {
    auto prediction = Look(frame, part.name, part.preprocessor, &part.decider,
                           evidence_->enabled() ? &evidence.emplace_back() : nullptr);
    if (!prediction) {
      predictions->erase(predictions->begin() + static_cast<std::ptrdiff_t>(before), predictions->end());
      Error error = std::move(prediction).error();
      error.message = StrCat("pipeline '", info_->name, "', frame ", frame.sequence, " (", Printable(frame.origin, 100),
                             "): ", error.message);
      // The frame's number is new each time; the cause is what makes it news.
      const bool news = stats_->AddError(error.message, error.message.substr(error.message.find("): ")));
      return Failure{std::move(error), news};
    }
    predictions->push_back(std::move(*prediction));
  }
  for (size_t i = before; i < predictions->size(); ++i) {
    const Prediction& made = (*predictions)[i];
    stats_->AddPrediction(made.decision.ok, made.preprocess_us, made.inference_us, SteadyClock::now());
    totals_->Add(made);
  }
  if (evidence_->enabled()) KeepEvidence(frame, *predictions, before, std::move(evidence));
  return std::nullopt;
}

Result<void> Pipeline::CheckFrame(const media::Frame& frame) {
  for (Part& part : parts_) {
    std::vector<std::byte> input(part.preprocessor.input().Bytes());
    GLIMPSE_RETURN_IF_ERROR(part.preprocessor.Run(frame, input));
  }
  return {};
}

Result<void> Pipeline::CopyStateFrom(const Pipeline& old) {
  if (graph_ == old.graph_ || info_->model_sha256 != old.info_->model_sha256) return {};
  return interpreter_->CopyStateFrom(*old.interpreter_);
}

void Pipeline::TakeOver(Pipeline& old) {
  stats_ = old.stats_;
  totals_ = old.totals_;
  paused_ = old.paused_;
  requested_ = old.requested_;
  if (settings_.camera != old.settings_.camera) return;
  last_seen_ = old.last_seen_;
  last_time_ = old.last_time_;
  last_frame_ = old.last_frame_;
  last_origin_ = old.last_origin_;
  stale_ = old.stale_;
  if (info_->model_sha256 != old.info_->model_sha256) return;
  // What is shown of a frame is told by the settings that serve, so those that it goes by must be the frame's own.
  if (settings_.regions == old.settings_.regions && settings_.decide == old.settings_.decide) {
    if (settings_.keep == old.settings_.keep) {
      evidence_ = old.evidence_;
    } else {
      evidence_->AddFrom(*old.evidence_);
    }
  }
  if (settings_.regions == old.settings_.regions && settings_.trigger == old.settings_.trigger) {
    std::swap(trigger_, old.trigger_);
  }
  // Votes by other rules say nothing.
  if (settings_.decide != old.settings_.decide) return;
  for (Part& part : parts_) {
    for (Part& before : old.parts_) {
      if (before.name == part.name) part.decider = before.decider;
    }
  }
}

void Pipeline::KeepEvidence(const media::Frame& frame, const std::vector<Prediction>& predictions, size_t first,
                            std::vector<RegionEvidence> regions) {
  for (size_t i = 0; i < regions.size(); ++i) regions[i].prediction = predictions[first + i];
  auto kept = std::make_shared<FrameEvidence>();
  kept->frame = frame.sequence;
  kept->origin = frame.origin;
  kept->time = frame.time;
  kept->regions = std::move(regions);
  evidence_->Add(std::move(kept), frame);
}

void Pipeline::CheckStale(SteadyClock::time_point now, std::vector<Prediction>* predictions) {
  if (*paused_) {
    // Nobody expects a frame; after the pause the time counts anew.
    last_seen_ = now;
    return;
  }
  if (stale_ || stale_after_ == SteadyClock::duration::zero() || now - last_seen_ <= stale_after_) return;
  stale_ = true;
  for (Part& part : parts_) {
    part.decider.Reset();
    Prediction prediction;
    prediction.pipeline = info_;
    prediction.region = part.name;
    prediction.frame = last_frame_;
    prediction.origin = last_origin_;
    prediction.time = last_time_;
    prediction.age_us = Microseconds(now - last_seen_);
    prediction.captured = last_seen_;
    prediction.decision.reason = "stale";
    totals_->Add(prediction);
    predictions->push_back(std::move(prediction));
  }
}

Result<Prediction> Pipeline::ClassifyPicture(const media::Frame& picture, const std::string& region) {
  media::Preprocessor* preprocessor = region.empty() ? &*whole_ : nullptr;
  for (Part& part : parts_) {
    if (!region.empty() && part.name == region) preprocessor = &part.preprocessor;
  }
  if (preprocessor == nullptr) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat("there is no region '", Printable(region, 70), "' in pipeline '", info_->name, "'"));
  }
  auto prediction = Look(picture, region, *preprocessor, nullptr, nullptr);
  // A picture smaller than the region is the request's fault here, not the configuration's.
  if (!prediction && prediction.error().code == ErrorCode::kInvalidConfig) {
    return Unexpected(ErrorCode::kInvalidArgument, prediction.error().message);
  }
  if (prediction) prediction->has_frame = false;
  return prediction;
}

Result<Prediction> Pipeline::ClassifyTensor(std::span<const std::byte> bytes) {
  const std::span<std::byte> input = interpreter_->inputs()[0].data;
  if (bytes.size() != input.size()) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat("the tensor has ", bytes.size(), " bytes, the model's input has ", input.size()));
  }
  Prediction prediction;
  prediction.pipeline = info_;
  prediction.has_frame = false;
  prediction.time = std::chrono::system_clock::now();
  std::memcpy(input.data(), bytes.data(), bytes.size());
  GLIMPSE_RETURN_IF_ERROR(Infer(&prediction));
  prediction.decision = DecideOnce(prediction.scores, Sight::kClear, settings_.decide.margin);
  return prediction;
}

}  // namespace glimpse::daemon
