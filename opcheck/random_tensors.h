// SPDX-License-Identifier: Apache-2.0
// Tensors at random, extremes often.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "opcheck/node.h"

namespace glimpse::opcheck {

// Content and quantization at random. Same seed, same numbers, on every machine with the same standard library.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  // REQUIRES: low <= high; both may come.
  int32_t Int(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(engine_); }
  double Real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
  template <typename T>
  const T& Pick(const std::vector<T>& values) {
    return values[static_cast<size_t>(Int(0, static_cast<int32_t>(values.size()) - 1))];
  }
  // A quarter of the time nothing but the two ends of the range.
  std::vector<int8_t> Bytes(int64_t count);
  int64_t ZeroPoint() { return Int(0, 2) == 0 ? (Int(0, 1) != 0 ? 127 : -128) : Int(-128, 127); }

 private:
  std::mt19937 engine_;
};

// int8 with one scale.
NodeTensor Int8(std::vector<int32_t> dims, float scale, int64_t zero_point, const std::vector<int8_t>& content = {});
// Constant int32 without quantization.
NodeTensor Const32(std::vector<int32_t> dims, const std::vector<int32_t>& content);
// As converters write weights, which is without -128, or with it: that takes other ways.
std::vector<int8_t> WeightBytes(int64_t count, Random& random);
// Constant int8 weights with a scale for each channel along `axis`, or one; scales around `typical`, now and then that
// of a dead channel, or one so large that multipliers saturate.
NodeTensor Weights(std::vector<int32_t> dims, int32_t axis, bool per_channel, double typical, Random& random);
// Constant int32 bias; some values near the end of the range.
NodeTensor Bias(int32_t channels, Random& random);
// A tensor of any type with content and, where the type is one that TFLite quantizes, one scale.
NodeTensor AnyTensor(glimpse_dtype dtype, std::vector<int32_t> dims, Random& random);

}  // namespace glimpse::opcheck
