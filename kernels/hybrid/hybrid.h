// SPDX-License-Identifier: Apache-2.0
// Float activations with int8 weights, as TFLite's hybrid kernels compute them: each row of activations is quantized on
// the way, the products are summed in int32, and the sum returns to float.
//
// All functions are reentrant, cannot fail and touch nothing outside of the given sizes; any float is good input.
// Source: TFLite, kernels/internal/optimized/neon_tensor_utils.cc, which the x86-64 wheels use too (through NEON_2_SSE)
// and their reference kernels with it.
#pragma once

#include <cstdint>

#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// How a row was quantized: real = scale * (stored - zero_point).
struct RowQuantization {
  float scale = 1;
  int32_t zero_point = 0;
};

// Rounding of a row: elements are taken by eights, and the integer next to x is trunc(x + 1/2 with the sign of x), the
// sum rounded to float; the last count mod 8 elements are rounded to nearest, ties away from zero. The two differ for
// |x| = 1/2 - 2^-25 alone, which the first makes 1.

// `values` as int8, symmetric: scale = range / 127 with range = max |value|, stored = rounded(value * (127 / range)),
// clamped to [-127, 127]; all float. A row of zeros has scale 1.
RowQuantization QuantizeRowSymmetric(const float* values, int32_t count, int8_t* stored);

// `values` as int8, asymmetric: the range, extended to hold 0, spreads over [-128, 127]. The width of the range is a
// float difference, divided in double by 255. Of the two candidates for the zero point (from minimum, from maximum) the
// one with the smaller error is rounded, ties away from zero; stored = clamp(zero_point + rounded(value * (1 /
// scale))).
RowQuantization QuantizeRowAsymmetric(const float* values, int32_t count, int8_t* stored);

RowQuantization QuantizeRow(const float* values, int32_t count, bool asymmetric, int8_t* stored);

// sum((stored[i] - zero_point) * weights[i]) modulo 2^32, as a float product: scale * that. The sum of the weights goes
// with the zero point apart, which changes nothing in modular arithmetic.
inline int32_t HybridDot(const int8_t* stored, const int8_t* weights, int32_t count, int32_t zero_point) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>((stored[i] - zero_point) * weights[i]);
  return static_cast<int32_t>(sum);
}

// Whether all values are +0 or -0.
bool AllZero(const float* values, int64_t count);

// Fused activation of float kernels: NONE, RELU, RELU_N1_TO_1, RELU6, TANH, SIGN_BIT. kSignBit gives 1 for a value with
// the sign bit set and 0 otherwise.
float ActivateFloat(Activation activation, float x);

}  // namespace glimpse::kernels
