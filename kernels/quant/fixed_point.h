// SPDX-License-Identifier: Apache-2.0
// Fixed-point arithmetic of quantized inference: how an int32 accumulator becomes an int8 output.
//
// Sources: gemmlowp, fixedpoint/fixedpoint.h and doc/quantization.md (equation 3); TFLite,
// kernels/internal/quantization_util.cc (QuantizeMultiplier) and kernels/internal/common.h
// (MultiplyByQuantizedMultiplier without TFLITE_SINGLE_ROUNDING); Jacob et al., arXiv:1712.05877, section 2.2.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// A real multiplier m > 0 as m = (multiplier / 2^31) * 2^shift. multiplier is 0 (m rounds to nothing) or in [2^30,
// 2^31); shift > 0 shifts left, shift < 0 right, in [-31, 30].
struct FixedPointMultiplier {
  int32_t multiplier = 0;
  int shift = 0;
};

// The nearest representation of `real` (>= 0, finite). Below 2^-32 it is {0, 0}; above 2^30 it saturates. Cannot fail.
FixedPointMultiplier QuantizeMultiplier(double real);

// round(a * b / 2^31), ties away from zero upwards as gemmlowp's SaturatingRoundingDoublingHighMul does: the nudge is
// 2^30 for a product >= 0 and 1 - 2^30 otherwise, and the division truncates. a = b = -2^31 saturates to 2^31 - 1.
// Reentrant.
int32_t SaturatingRoundingDoublingHighMul(int32_t a, int32_t b);

// x / 2^exponent rounded to nearest, ties away from zero. exponent in [0, 31]. Reentrant.
int32_t RoundingDivideByPot(int32_t x, int exponent);

// "Double rounding": round(round(x * 2^left * multiplier / 2^31) / 2^right), with left = max(shift, 0), right =
// max(-shift, 0). The shift to the left wraps modulo 2^32. Reentrant.
int32_t MultiplyDoubleRounding(int32_t x, FixedPointMultiplier m);

// For the 64-bit accumulators of int16 activations: floor(x * r / 2^(15 - shift) + 1/2) with r = round(multiplier /
// 2^16), ties upwards, at most 2^15 - 1. The product wraps modulo 2^64 and the result is its low 32 bits, as the
// runtimes' is. shift in [-31, 14]. Reentrant.
int32_t MultiplyReduced(int64_t x, FixedPointMultiplier m);

}  // namespace glimpse::kernels
