// SPDX-License-Identifier: Apache-2.0
// What the daemon says about one region of one frame.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "media/frame.h"

namespace glimpse::daemon {

// An answer, or the honest lack of one (docs/protocol.md: status, reason, label, index, score).
struct Decision {
  bool ok = false;
  std::string reason;  // with !ok: "low-margin", "blank", "blurred", "stale"
  int index = -1;      // with ok
  double score = 0;
};

// Which plugin computes a type of operator.
struct KernelUse {
  std::string op;
  std::string plugin;
  std::string version;
  bool operator<(const KernelUse& other) const {
    return std::tie(op, plugin, version) < std::tie(other.op, other.plugin, other.version);
  }
};

// What is the same in all predictions of a pipeline. Immutable once made.
struct PipelineInfo {
  std::string name;
  std::string camera;
  std::vector<std::string> regions;  // {""} for the whole frame
  std::vector<std::string> labels;   // one for each class
  std::vector<std::string> notes;    // for the log, once: what the model brought along
  std::string model_name;            // of its file
  std::string model_sha256;          // "sha256:..."
  std::set<KernelUse> kernels;       // each pair of operator and plugin once
  std::string numerics;
  std::string config_sha256;
  std::string description;  // this pipeline's member of the result of `describe`, as JSON text
};

struct Prediction {
  std::shared_ptr<const PipelineInfo> pipeline;
  std::string region;
  uint64_t frame = 0;
  bool has_frame = true;  // false in the answer to `classify`
  std::string origin;
  std::chrono::system_clock::time_point time;
  std::chrono::steady_clock::time_point captured;  // the same on the clock that never jumps
  media::SensorFacts sensor;                       // of its frame
  Decision decision;
  std::vector<double> scores;
  int64_t age_us = 0;
  int64_t preprocess_us = 0;
  int64_t inference_us = 0;
};

// Something that happened and is no prediction (docs/protocol.md, event).
struct Event {
  std::string event;
  std::map<std::string, std::string> members;      // camera or pipeline, message
  std::map<std::string, std::string> fields = {};  // for the journal alone: FRAME, MODEL
  std::chrono::system_clock::time_point time = std::chrono::system_clock::now();
};

}  // namespace glimpse::daemon
