// SPDX-License-Identifier: Apache-2.0
// `glimpse inspect --at`: how one output element comes about, term by term and rounding by rounding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/linear_layer.h"
#include "cli/session.h"

namespace glimpse::cli {

struct ExplainOptions {
  std::string model;
  int op = -1;
  std::string at;                   // "Y,X,C"
  std::vector<std::string> inputs;  // the model's inputs
  uint64_t sample = 0;              // of the files
  EngineOptions engine;
  bool json = false;
};

// "3,4,5" as an index into a tensor of `shape`: as many numbers as dimensions, or fewer when the leading dimensions
// left out are 1. Each in range. Errors: kInvalidArgument saying what fits.
Result<size_t> ParsePosition(const std::string& text, std::span<const int32_t> shape);

// The other direction: the index along each dimension.
std::vector<int32_t> PositionOf(size_t element, std::span<const int32_t> shape);

// One step from the accumulator to the stored value, for people and as a number.
struct RescaleStep {
  std::string what;   // "round(x * multiplier / 2^31)"
  std::string value;  // "-1042", "3.4999998"
};

// What Requantize() does with `acc`, step by step; the last value is its result.
std::vector<RescaleStep> RescaleSteps(int32_t acc, const kernels::OutputScale& scale);

// Runs the model up to the operator and prints the whole sum. The result is compared with what the kernel computed.
Outcome Explain(const ExplainOptions& options);

}  // namespace glimpse::cli
