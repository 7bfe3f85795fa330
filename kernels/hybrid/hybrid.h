// SPDX-License-Identifier: Apache-2.0
// Float activations with int8 weights, as TFLite's hybrid kernels compute them: each row of activations is quantized on
// the way, the products are summed in int32, and the sum returns to float.
//
// All functions are reentrant, cannot fail and touch nothing outside of the given sizes; any float is good input.
// Source: TFLite, kernels/internal/reference/portable_tensor_utils.cc.
#pragma once

#include <cstdint>

#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// How a row was quantized: real = scale * (stored - zero_point).
struct RowQuantization {
  float scale = 1;
  int32_t zero_point = 0;
};

// `values` as int8, symmetric: scale = range / 127 with range = max |value|, stored = round(value * (127 / range)),
// ties away from zero, clamped to [-127, 127]; all float. A row of zeros has scale 1.
RowQuantization QuantizeRowSymmetric(const float* values, int32_t count, int8_t* stored);

// `values` as int8, asymmetric: the range, extended to hold 0, a difference in float, spreads over [-128, 127].
// Scale and zero point are computed from it in double, of the two candidates for the zero point (from minimum, from
// maximum) the one with the smaller error is rounded, ties away from zero; stored = round(zero_point + value * (1 /
// scale)) in float, clamped.
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
