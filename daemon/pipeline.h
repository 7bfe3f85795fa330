// SPDX-License-Identifier: Apache-2.0
// One pipeline of the configuration, ready to run: regions, preprocessing, model, decisions.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "daemon/decide.h"
#include "daemon/evidence.h"
#include "daemon/graph.h"
#include "daemon/metrics/operator_timer.h"
#include "daemon/metrics/totals.h"
#include "daemon/prediction.h"
#include "daemon/scores.h"
#include "daemon/stats.h"
#include "daemon/trigger.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"
#include "media/frame.h"
#include "media/image.h"
#include "media/preprocess.h"
#include "media/sharpness.h"

namespace glimpse::daemon {

// Belongs to the inference thread once it is made; info(), stats(), totals(), evidence() and the pause may be used by
// any.
class Pipeline {
 public:
  // Loads model and labels, binds kernels, prepares the steps. Errors name the file and, for what the configuration
  // says, its place: kInvalidConfig (names that do not exist, labels that do not fit, steps that do not go together),
  // kInvalidModel, kUnsupported, kIo, kExhausted.
  static Result<std::unique_ptr<Pipeline>> Create(const config::Config& config, const config::Pipeline& pipeline,
                                                  std::shared_ptr<const PluginHost> plugins);
  // The same on a graph that is there already, perhaps in another pipeline: of the two only one may be used at a time.
  static Result<std::unique_ptr<Pipeline>> Create(const config::Config& config, const config::Pipeline& pipeline,
                                                  std::shared_ptr<Graph> graph);

  const std::shared_ptr<const PipelineInfo>& info() const { return info_; }
  const PipelineStats& stats() const { return *stats_; }
  const config::Pipeline& settings() const { return settings_; }
  const std::shared_ptr<Graph>& graph() const { return graph_; }
  // The last frames and what was made of them.
  const std::shared_ptr<EvidenceStore>& evidence() const { return evidence_; }

  // What it counted since the start.
  const PipelineTotals& totals() const { return *totals_; }

  // While paused it wants no frames and is never stale; the frame at work is finished.
  bool paused() const { return *paused_; }
  void SetPaused(bool paused) { *paused_ = paused; }

  // Whether preprocessing can do with such a frame: every region lies in it. Not on the inference thread while that
  // runs this pipeline. Errors: those of Preprocessor::Run.
  Result<void> CheckFrame(const media::Frame& frame);

  // What `old`, the pipeline of that name so far, remembers: first the state of the model's variables, which may fail
  // and then changes nothing that matters, since this pipeline does not serve yet; then the rest, after which `old`
  // processes no more frames. Both on the inference thread. Another model starts anew, but for counters and the pause.
  Result<void> CopyStateFrom(const Pipeline& old);
  void TakeOver(Pipeline& old);

  // The next frame is looked at whatever the pipeline's trigger says. Thread-safe.
  void Request() { *requested_ = true; }

  // Appends a prediction for each region if the trigger wants this frame. On an error nothing is appended, and `news`
  // says whether it is a new one.
  struct Failure {
    Error error;
    bool news = false;
  };
  std::optional<Failure> Process(const media::Frame& frame, std::vector<Prediction>* predictions);

  // Appends an "unknown, stale" for each region, once, when the last frame is too long ago.
  void CheckStale(std::chrono::steady_clock::time_point now, std::vector<Prediction>* predictions);

  // Predictions that Process() made and nobody needs any more, whose memory the next ones get; none are left there.
  void TakeBack(std::vector<Prediction>* predictions);

  // Answers to `classify`. Errors: kInvalidArgument for a picture, region or size that does not fit.
  Result<Prediction> ClassifyPicture(const media::Frame& picture, const std::string& region);
  Result<Prediction> ClassifyTensor(std::span<const std::byte> bytes);

 private:
  // One region, with what it remembers from frame to frame.
  struct Part {
    std::string name;
    media::Preprocessor preprocessor;
    Decider decider;
  };

  Pipeline(config::Pipeline settings, std::shared_ptr<Graph> graph, ScoreReader scores);
  Prediction NewPrediction();
  Result<void> MakeParts(const media::InputSpec& spec, const config::Config& config);
  // Fills `evidence` if it is given, but for its prediction.
  Result<Prediction> Look(const media::Frame& frame, const std::string& region, media::Preprocessor& preprocessor,
                          Decider* decider, RegionEvidence* evidence);
  void KeepEvidence(const media::Frame& frame, const std::vector<Prediction>& predictions, size_t first,
                    std::vector<RegionEvidence> regions);
  Result<void> Infer(Prediction* prediction);
  // How many pixels the steepest edges of a region take; nothing when nobody asks (`decide.blur`) or there are none.
  std::optional<double> EdgeWidth(const media::Frame& frame, const std::string& region);

  const config::Pipeline settings_;
  std::chrono::steady_clock::duration stale_after_{};  // zero: never
  std::shared_ptr<Graph> graph_;
  Interpreter* const interpreter_;  // the graph's
  OperatorTimer operator_timer_;
  int until_timed_ = OperatorTimer::kEvery;
  ScoreReader score_reader_;
  std::shared_ptr<const PipelineInfo> info_;
  std::vector<Part> parts_;                   // in the order of the file
  std::optional<media::Preprocessor> whole_;  // for `classify` without a region
  // These are passed on by a reload: counters only rise, and a pause that is asked for meanwhile holds for both.
  std::shared_ptr<PipelineStats> stats_ = std::make_shared<PipelineStats>();
  std::shared_ptr<PipelineTotals> totals_ = std::make_shared<PipelineTotals>();
  std::shared_ptr<std::atomic<bool>> paused_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<bool>> requested_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<EvidenceStore> evidence_;
  FrameTrigger trigger_;
  media::SharpnessMeter sharpness_;
  media::Image grey_;              // what it looks at
  std::vector<Prediction> spare_;  // at most one for each region
  // The last frame, for what is said when none comes.
  std::chrono::steady_clock::time_point last_seen_;
  std::chrono::system_clock::time_point last_time_;
  uint64_t last_frame_ = 0;
  std::string last_origin_;
  bool stale_ = false;
};

}  // namespace glimpse::daemon
