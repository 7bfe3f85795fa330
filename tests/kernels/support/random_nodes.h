// SPDX-License-Identifier: Apache-2.0
// Tensors at random for tests that compare kernels with each other.
#pragma once

#include <cstdlib>

#include "opcheck/random_tensors.h"
#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {

inline constexpr const char* kProfiles[] = {"litert-reference", "tflite-micro", "litert-xnnpack"};
inline constexpr glimpse_activation kActivations[] = {GLIMPSE_ACT_NONE, GLIMPSE_ACT_RELU, GLIMPSE_ACT_RELU6};

using opcheck::Bias;
using opcheck::WeightBytes;
using opcheck::Weights;

// Content and quantization at random, extremes often.
class Random : public opcheck::Random {
 public:
  // GLIMPSE_SEED in the environment makes other nodes of the same kinds: for long runs.
  explicit Random(uint32_t seed) : opcheck::Random(seed + 1000 * Offset()) {}

 private:
  static uint32_t Offset() {
    const char* const given = std::getenv("GLIMPSE_SEED");
    return given == nullptr ? 0 : static_cast<uint32_t>(std::atoi(given));
  }
};

}  // namespace glimpse::testkit
