// SPDX-License-Identifier: Apache-2.0
// Tensors at random for tests that compare kernels with each other.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {

inline constexpr const char* kProfiles[] = {"litert-reference", "tflite-micro", "litert-xnnpack"};
inline constexpr glimpse_activation kActivations[] = {GLIMPSE_ACT_NONE, GLIMPSE_ACT_RELU, GLIMPSE_ACT_RELU6};

// Content and quantization at random, extremes often.
class Random {
 public:
  // GLIMPSE_SEED in the environment makes other nodes of the same kinds: for long runs.
  explicit Random(uint32_t seed) : engine_(seed + 1000 * Offset()) {}

  int32_t Int(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(engine_); }
  double Real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
  std::vector<int8_t> Bytes(int64_t count) {
    std::vector<int8_t> bytes(static_cast<size_t>(count));
    const bool extreme = Int(0, 3) == 0;
    for (int8_t& byte : bytes) byte = static_cast<int8_t>(extreme ? (Int(0, 1) != 0 ? 127 : -128) : Int(-128, 127));
    return bytes;
  }
  int64_t ZeroPoint() { return Int(0, 2) == 0 ? (Int(0, 1) != 0 ? 127 : -128) : Int(-128, 127); }

 private:
  static uint32_t Offset() {
    const char* const given = std::getenv("GLIMPSE_SEED");
    return given == nullptr ? 0 : static_cast<uint32_t>(std::atoi(given));
  }

  std::mt19937 engine_;
};

// As converters write them, which is without -128, or with it: that takes other ways.
inline std::vector<int8_t> WeightBytes(int64_t count, Random& random) {
  std::vector<int8_t> bytes = random.Bytes(count);
  if (random.Int(0, 3) != 0) std::replace(bytes.begin(), bytes.end(), int8_t{-128}, int8_t{-127});
  return bytes;
}

inline OpTensor Weights(std::vector<int32_t> dims, int32_t axis, bool per_channel, double typical, Random& random) {
  int64_t count = 1;
  for (const int32_t d : dims) count *= d;
  OpTensor tensor = Int8(dims, 1, 0, WeightBytes(count, random));
  const size_t scales = per_channel ? static_cast<size_t>(dims[static_cast<size_t>(axis)]) : 1;
  tensor.scales.clear();
  for (size_t i = 0; i < scales; ++i) {
    // Now and then a dead channel's scale, as real models have it, or one near 1.
    const double factor = random.Int(0, 15) == 0 ? 1e-9 : random.Int(0, 31) == 0 ? 300 : random.Real(0.3, 3);
    tensor.scales.push_back(static_cast<float>(typical * factor));
  }
  tensor.zero_points.assign(scales, 0);
  tensor.axis = axis;
  tensor.constant = true;
  return tensor;
}

inline OpTensor Bias(int32_t channels, Random& random) {
  std::vector<int32_t> values;
  for (int32_t i = 0; i < channels; ++i) {
    values.push_back(random.Int(0, 9) == 0 ? (1 << 30) + 128 : random.Int(-3000, 3000));
  }
  return Const32({channels}, values);
}

}  // namespace glimpse::testkit
