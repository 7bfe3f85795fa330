// SPDX-License-Identifier: Apache-2.0
// What a new graph is run on before it serves, and what the old one made of that.
#pragma once

#include <chrono>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "daemon/graph.h"
#include "daemon/pipeline.h"
#include "golden/vectors.h"
#include "media/frame.h"

namespace glimpse::daemon {

// Ends a run of vectors when its time is over or everything is to end.
class Deadline final : public golden::Watcher {
 public:
  Deadline(double seconds, std::stop_token stop);
  bool Continue() override;

 private:
  std::chrono::steady_clock::time_point end_;
  std::stop_token stop_;
};

// Input tensors of `plan`'s model: every region of every frame, at most golden::kMaxSamples, as the pipeline's own
// preprocessing makes them; a frame that a region does not fit is left out. Without frames the inputs of the model's
// golden file, or without one seeded inputs. Errors: kUnsupported for a model that takes no picture.
Result<golden::Inputs> ShadowInputs(const GraphPlan& plan, const config::Pipeline& settings,
                                    const std::vector<media::Frame>& frames);

// The vectors that `plan` has to reproduce. `old` is the graph that serves: if it has the same model and profile, a
// second one like it is made, on this thread, and tells what is expected of every operator; otherwise nothing is
// expected but that the model runs, and nothing of inputs that are made up and that the old graph declines. Nothing of
// the graph that serves is touched. Errors: those of ShadowInputs() and golden::Record().
Result<golden::Vectors> ShadowVectors(const GraphPlan& plan, const config::Pipeline& settings,
                                      const std::vector<media::Frame>& frames, const Graph* old,
                                      const std::shared_ptr<const PluginHost>& old_plugins, golden::Watcher& watcher);

}  // namespace glimpse::daemon
