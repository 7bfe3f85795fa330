// SPDX-License-Identifier: Apache-2.0
// Exponential, reciprocal, logistic function and hyperbolic tangent in fixed point.
//
// A number in Qm.n is an int32 raw value r standing for r / 2^n, m + n = 31; for the int16 forms m + n = 15, and the
// constants are those of 32 bits, rounded. Sources: gemmlowp, fixedpoint/fixedpoint.h (exp_on_negative_values,
// one_over_one_plus_x_for_x_in_0_1, logistic, tanh); TFLite, kernels/internal/common.h
// (GetReciprocal). All functions are reentrant and cannot fail.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// exp(a) in Q0.31 for a <= 0 in Q(integer_bits).(31 - integer_bits), integer_bits in [0, 5]. exp(0) gives 2^31 - 1. The
// argument is cut at multiples of 1/4; a polynomial of degree 4 serves the rest, one factor for each bit the multiple.
int32_t ExpOnNegative(int32_t a, int integer_bits);

// 1 / (1 + a) in Q0.31 for a in [0, 1] in Q0.31: three Newton-Raphson steps.
int32_t OneOverOnePlus(int32_t a);

// 1 / (1 + exp(-a)) in Q0.31 for a in Q(integer_bits).(31 - integer_bits), integer_bits in [0, 5].
int32_t Logistic(int32_t a, int integer_bits);
int16_t Logistic(int16_t a, int integer_bits);

// tanh(a) = (1 - exp(-2a)) / (1 + exp(-2a)) in Q0.31 (Q0.15) for a in Q(integer_bits)..., integer_bits in [0, 4], in
// the form of 16 bits [0, 6].
int32_t Tanh(int32_t a, int integer_bits);
int16_t Tanh(int16_t a, int integer_bits);

// 1 / x for a sum x > 0 in Q(integer_bits).(31 - integer_bits), as raw * 2^-bits_over_unit with raw in Q0.31. `x` is
// unsigned: a sum may use the sign bit.
struct Reciprocal {
  int32_t raw = 0;
  int bits_over_unit = 0;
};
Reciprocal ReciprocalOf(uint32_t x, int integer_bits);

}  // namespace glimpse::kernels
