// SPDX-License-Identifier: Apache-2.0
// Functions of one quantized number as tables: all 256 values for 8 bits, 513 samples with straight lines between them
// for 16 bits.
//
// Source: TFLite, kernels/internal/common.h (LUTPopulate, LUTLookup). Everything is a pure function and reentrant.
//
// Exactness. A table is made by calls of the C library (exp, tanh, expm1, erfc, log) in float, or in double where a
// function says so. glibc's float functions are correctly rounded but for rare arguments, where they are off by one
// unit in the last place; an entry could change only where the function's value lies within that unit of a rounding
// tie. No entry that was compared did. The operations around the calls are IEEE, in the order written here.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// Bits of the value at the bits of the argument: one table serves int8 and uint8.
using ByteTable = std::array<uint8_t, 256>;
// Samples at -32768, -32640, ..., 32640, 32768.
using WordTable = std::array<int16_t, 513>;

// `value` as the nearest T. Reentrant, like all here.
template <typename T>
constexpr T Saturate(int32_t value) {
  constexpr int32_t kMin = std::numeric_limits<T>::min();
  constexpr int32_t kMax = std::numeric_limits<T>::max();
  return static_cast<T>(std::min(std::max(value, kMin), kMax));
}

// The table of `function`, T (int8_t or uint8_t) of int32_t, called for each stored value.
template <typename T, typename Function>
ByteTable Tabulate(Function function) {
  ByteTable table{};
  for (int32_t q = std::numeric_limits<T>::min(); q <= std::numeric_limits<T>::max(); ++q) {
    const T value = function(q);
    table[static_cast<uint8_t>(q)] = static_cast<uint8_t>(value);
  }
  return table;
}

// The table of a real `function`, float of float: x = s_in * (q - zp_in), then round(function(x) * (1 / s_out)) +
// zp_out in float, ties away from zero, saturated to T; what is NaN becomes 0, as x86-64 converts it.
template <typename T, typename Function>
ByteTable TabulateReal(PerTensor input, PerTensor output, Function function) {
  const float inverse_scale = 1 / output.scale;
  return Tabulate<T>([&](int32_t q) {
    const float x = input.scale * static_cast<float>(q - input.zero_point);
    const float real = function(x) * inverse_scale;
    const float sum = std::round(real) + static_cast<float>(output.zero_point);
    if (std::isnan(sum)) return T{0};
    const float low = std::numeric_limits<T>::min();
    const float high = std::numeric_limits<T>::max();
    return static_cast<T>(std::min(std::max(sum, low), high));
  });
}

// The same as XNNPACK computes it (its unary operators on 8 bits): rint(function(x) * (1 / s_out) + zp_out), product
// and sum rounded to float each, ties to even, saturated to T.
template <typename T, typename Function>
ByteTable TabulateXnnpack(PerTensor input, PerTensor output, Function function) {
  const float inverse_scale = 1 / output.scale;
  return Tabulate<T>([&](int32_t q) {
    const float x = input.scale * static_cast<float>(q - input.zero_point);
    const float real = function(x) * inverse_scale;
    const float sum = real + static_cast<float>(output.zero_point);
    const float low = std::numeric_limits<T>::min();
    const float high = std::numeric_limits<T>::max();
    return static_cast<T>(std::min(high, std::max(low, std::rint(sum))));  // in this order NaN becomes `low`
  });
}

// The samples of a real `function`, Real of Real (float or double), over the range of int16. Each sample but the last
// is moved by half of the error that the straight line to the next one has in the middle. Saturated to int16; what is
// NaN becomes 0, as x86-64 converts it.
template <typename Real, typename Function>
WordTable TabulateWords(Real input_scale, int32_t input_zero_point, Real output_scale, int32_t output_zero_point,
                        Function function) {
  constexpr int kSteps = 512;
  constexpr int32_t kMin = std::numeric_limits<int16_t>::min();
  constexpr int32_t kMax = std::numeric_limits<int16_t>::max();
  const auto narrow = [](Real value) {
    const Real bounded = std::min(std::max(value, static_cast<Real>(kMin)), static_cast<Real>(kMax));
    return std::isnan(bounded) ? int16_t{0} : static_cast<int16_t>(bounded);
  };
  const Real low = input_scale * static_cast<Real>(kMin - input_zero_point);
  const Real high = input_scale * static_cast<Real>(kMax - input_zero_point);
  const Real output_low = output_scale * static_cast<Real>(kMin - output_zero_point);
  const Real output_high = output_scale * static_cast<Real>(kMax - output_zero_point);
  const Real step = (high - low) / kSteps;
  const Real half_step = step / 2;
  const Real inverse = static_cast<Real>(kMax - kMin + 1) / (output_high - output_low);
  WordTable table{};
  for (int i = 0; i < kSteps; ++i) {
    const Real at = low + static_cast<Real>(i) * step;
    const Real sample = std::round(function(at) * inverse);
    const Real next = function(low + static_cast<Real>(i + 1) * step) * inverse;
    const Real middle = std::round(function(at + half_step) * inverse);
    const Real line = std::round((next + sample) / 2);
    table[static_cast<size_t>(i)] = narrow(sample - std::round((line - middle) / 2));
  }
  table[kSteps] = narrow(std::round(function(high) * inverse));
  return table;
}

// The value at `q`: base + floor((slope * fraction + 64) / 128), the slope and the result modulo 2^16.
inline int16_t LookUpWord(const WordTable& table, int16_t q) {
  const int step = 256 + (q >> 7);
  const auto index = static_cast<size_t>(step);
  const int32_t base = table[index];
  const int32_t slope = static_cast<int16_t>(table[index + 1] - base);
  return static_cast<int16_t>(base + ((slope * (q & 0x7f) + 64) >> 7));
}

// out[i] = table[in[i]]. Shapes: `count` elements each; output may be the same memory as input. Cannot fail.
inline void LookUpBytesRef(const ByteTable& table, int64_t count, const uint8_t* input, uint8_t* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = table[input[i]];
}
inline void LookUpWordsRef(const WordTable& table, int64_t count, const int16_t* input, int16_t* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = LookUpWord(table, input[i]);
}

}  // namespace glimpse::kernels
