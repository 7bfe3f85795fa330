// SPDX-License-Identifier: Apache-2.0
// Which rounding rule would have given the other runtime's numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cli/linear_layer.h"
#include "engine/run/interpreter.h"

namespace glimpse::cli {

// One rule under trial: a profile's, or "litert-builtin" (LiteRT's optimised kernels without a delegate, as its wheel
// computes on x86_64), which is no profile of ours.
struct Candidate {
  std::string name;                          // "litert-xnnpack"
  std::string rule;                          // "rint(float(acc) * float scale), half to even"
  uint64_t reproduced = 0;                   // differing elements to which it gives the other runtime's value
  uint64_t broken = 0;                       // equal elements to which it gives another value
  std::vector<kernels::OutputScale> scales;  // one for each output channel
};

// Collects over samples. Every element of a sample that differs anywhere is computed again, the equal ones too: a rule
// explains a difference only if it leaves alone what is equal.
class RoundingTrial {
 public:
  // `numerics`: the profile that our side computes, which is no candidate.
  RoundingTrial(const LinearLayer& layer, const std::string& numerics);

  // The layer's input and weights are read from the interpreter; `ours` and `theirs` are the two outputs.
  void Add(const Interpreter& interpreter, std::span<const std::byte> ours, std::span<const std::byte> theirs);

  const std::vector<Candidate>& candidates() const { return candidates_; }
  // The candidates that reproduce all differing elements and change none of the equal, profiles first.
  std::vector<const Candidate*> Explaining() const;
  // The one that reproduces most with least harm; null without candidates.
  const Candidate* Best() const;

 private:
  LinearLayer layer_;
  std::vector<Candidate> candidates_;
  uint64_t differing_ = 0;
};

}  // namespace glimpse::cli
