// SPDX-License-Identifier: Apache-2.0
// Tensors at random for tests that compare kernels with each other.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <vector>

#include "opcheck/random_tensors.h"
#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {

inline constexpr const char* kProfiles[] = {"litert-reference", "tflite-micro", "litert-xnnpack"};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr size_t kProfilesOfNode = 1;
#else
inline constexpr size_t kProfilesOfNode = 3;
#endif
// The profiles that a node is compared under: all of them. Sanitizers look at addresses, which hardly depend on the
// profile, and take ten times as long: with them each node has one, the next node the next.
inline std::vector<const char*> ProfilesOfNode() {
  static size_t turn = 0;
  std::vector<const char*> profiles;
  for (size_t i = 0; i < kProfilesOfNode; ++i) profiles.push_back(kProfiles[turn++ % 3]);
  return profiles;
}
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
