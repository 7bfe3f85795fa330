// SPDX-License-Identifier: Apache-2.0
// Golden vectors: inputs of a model, and a digest of what each of its operators makes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "engine/run/interpreter.h"
#include "golden/inputs.h"

namespace glimpse::golden {

// One tensor that an operator makes.
struct OutputDigests {
  int tensor = 0;                                    // index in the file
  std::vector<std::optional<Sha256Digest>> samples;  // of its content; nothing: it had none (resources, strings)
};

struct OperatorDigests {
  std::string op;  // "CONV_2D"
  std::vector<OutputDigests> outputs;
};

// Another runtime whose dump had the same bytes (tools/litert_dump.py).
struct Oracle {
  std::string runtime;     // "ai-edge-litert 2.3.0"
  std::string resolver;    // "builtin-ref"
  std::string machine;     // "x86_64"
  uint64_t operators = 0;  // whose outputs were all compared and equal
};

// Samples run one after the other, from freshly reset variables.
struct Vectors {
  std::string model;     // "sha256:..."
  std::string numerics;  // the profile that was computed
  std::string made_by;   // "glimpse 0.1.0"
  std::string kernels;   // the kernel spec that computed them, "reference"
  std::optional<Oracle> oracle;
  Inputs inputs;
  // One for each operator of the main subgraph, in order. Empty: nothing is expected but that the model runs.
  std::vector<OperatorDigests> operators;
};

// Looks on while vectors are run, and may end it. Called on the thread that runs them.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // An operator is about to run.
  virtual void Before(const PlannedOperator& /*op*/) {}
  // Asked before each sample but the first: false leaves the rest out.
  virtual bool Continue() { return true; }
};

// Runs the model on `inputs`, which must fit it, and takes the digests. Variables are reset before and after.
// Errors: those of Interpreter::Invoke() and LoadSample().
Result<Vectors> Record(Interpreter& interpreter, Inputs inputs, Watcher* watcher = nullptr);

// The first tensor that is not what it should be.
struct Difference {
  uint64_t sample = 0;
  int tensor = 0;
  PlannedOperator op;
  // "operator 3, CONV_2D 'model/conv2d/Conv2D', computed by kernel K of plugin P (PATH), differs in tensor 7, sample 0"
  std::string text;
};

struct Comparison {
  uint64_t samples = 0;    // that were run
  uint64_t operators = 0;  // that were compared in each
  std::optional<Difference> difference;
};

// Runs the model on the vectors' inputs, in its own memory plan, and compares operator by operator; ends at the first
// difference. Variables are reset before and after. An operator whose outputs lie in no memory by themselves, since a
// kernel computes it together with the next, is compared by what comes out of that.
// Errors: as Record(). REQUIRES: the vectors fit the model (CheckFit()).
Result<Comparison> Compare(Interpreter& interpreter, const Vectors& vectors, Watcher* watcher = nullptr);

// Whether vectors from elsewhere are of this model and profile and name its operators and tensors as they are.
// Errors: kInvalidModel with what does not fit; messages without the file.
Result<void> CheckFit(const Vectors& vectors, const Interpreter& interpreter);

// "CONV_2D 'model/conv2d/Conv2D'": an operator with the name of its first output, as people know the layer.
std::string LayerName(const OperatorInfo& op, const Subgraph& graph);
// "kernel org.glimpse.avx2.CONV_2D of plugin avx2 (/usr/lib/.../libglimpse-ops-avx2.so)".
std::string KernelName(const PlannedOperator& op);

}  // namespace glimpse::golden
