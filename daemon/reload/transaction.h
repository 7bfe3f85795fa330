// SPDX-License-Identifier: Apache-2.0
// From a configuration to a generation that has proved itself, beside the one that serves
// (docs/adr/0007-reload-is-a-transaction.md).
#pragma once

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "daemon/generation.h"
#include "daemon/reload/trial.h"

namespace glimpse::daemon {

// Contents of plugins that this process has loaded, or a helper has tried: others are tried first.
using KnownPlugins = std::set<Sha256Digest>;

// Notes every plugin it is asked about, and refuses none: for the start, when nothing serves yet.
PluginGate NotePlugins(KnownPlugins* known);

// What a transaction found, for people and machines.
struct Findings {
  std::vector<std::string> rebuilt;  // pipelines with a new graph
  std::vector<std::string> cameras;  // that are opened anew
  uint64_t frames = 0;               // that the new graphs were run on, or made-up samples
  bool tried = false;                // in a process of its own
  WrongKernel wrong;
};

// For the reload thread. Nothing here touches what serves, but for reading the frames that the cameras keep.
class Transaction {
 public:
  // `old` serves.
  Transaction(std::shared_ptr<const Generation> old, KnownPlugins* known, std::stop_token stop,
              std::string program = "/proc/self/exe");

  // Makes a generation of `config`: everything but its new cameras (see NewCameras()). Errors: whatever is wrong with
  // it; kInvalidConfig for what can only change by a restart; kPlugin for a kernel that computes something else, and
  // for a crash or a time-out in the trial.
  Result<std::shared_ptr<Generation>> Prepare(config::Config config);

  const Findings& findings() const { return findings_; }

 private:
  struct Part;

  Result<void> CheckWhatStays(const config::Config& config) const;
  Result<std::vector<Part>> Plan(const config::Config& config);
  Result<void> LoadKnownPlugins(Generation& next, bool* new_code);
  Result<void> Try(const Generation& next, std::vector<Part>& parts);
  Result<void> Build(const Generation& next, Part& part);
  Result<void> CheckFrames(const Generation& next, Pipeline& pipeline);
  std::vector<media::Frame> FramesOf(const std::string& camera) const;

  std::shared_ptr<const Generation> old_;
  KnownPlugins* known_;
  std::stop_token stop_;
  std::string program_;
  Findings findings_;
};

// Cameras of `config` that are not in `old`, or are there with other settings. In the order of their names.
std::vector<std::string> NewCameras(const config::Config& config, const Generation& old);

// Whether both want one device, so that the one has to be closed before the other is opened.
bool ShareDevice(const config::Camera& a, const config::Camera& b);

}  // namespace glimpse::daemon
