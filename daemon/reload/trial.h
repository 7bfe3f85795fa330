// SPDX-License-Identifier: Apache-2.0
// New plugins and graphs are first tried in a process of their own: what crashes or hangs there harms nobody.
//
// The helper is this program, started again with --trial. It gets the request on descriptor 0 and answers with lines of
// JSON on descriptor 1: {"at": TEXT} before each step that may not come back, {"tried": SHA256} for each plugin before
// it is loaded, and at the end {"done": true} or {"error": ...}. Its own output goes where ours does.
#pragma once

#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "daemon/graph.h"
#include "golden/vectors.h"

namespace glimpse::daemon {

// Vectors that a graph has to reproduce, or at least survive.
struct TrialVectors {
  std::string what;    // "golden file /.../digits.tflite.golden"
  std::string remedy;  // the end of the error when they are not
  golden::Vectors vectors;
  bool made_up = false;  // by chance: a model that declines such inputs is none the worse for it
};

struct TrialGraph {
  std::string pipeline;
  std::string model;   // path
  std::string sha256;  // that it must have
  std::string numerics;
  KernelSpec kernels;
  std::string kernels_place;
  config::ModelLimits limits;
  std::vector<TrialVectors> vectors;
};

struct TrialRequest {
  config::Config config;  // of which plugins.path, its place, and threads are passed on
  std::vector<TrialGraph> graphs;
  double seconds = 30;        // for everything together
  double vector_seconds = 5;  // for each graph's vectors
};

// What the helper had to say.
struct TrialOutcome {
  std::set<Sha256Digest> tried;  // content of the plugins that it loaded
  WrongKernel wrong;             // filled when a kernel computed something else
  Error error;                   // "" message: all passed
};

// Starts the helper and waits for it. An error of the outcome is the helper's own, or kPlugin when it crashed or took
// too long, naming what it was at. Errors of the result: kIo or kInternal when no helper could be started, kExhausted
// when `stop` was requested. Waits up to request.seconds; for the reload thread. `program` is what is started.
Result<TrialOutcome> RunTrial(const TrialRequest& request, const std::stop_token& stop,
                              const std::string& program = "/proc/self/exe");

// Prove() with one of these, on either side.
Result<golden::Comparison> ProveTrial(Graph& graph, const TrialVectors& vectors, golden::Watcher* watcher,
                                      WrongKernel* wrong);

// The helper's main(). Returns its exit status.
int RunTrialHelper();

// The request as text, and back. Errors: kInternal.
std::string FormatTrial(const TrialRequest& request);
Result<TrialRequest> ParseTrial(const std::string& text);

}  // namespace glimpse::daemon
