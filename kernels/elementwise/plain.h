// SPDX-License-Identifier: Apache-2.0
// Operators on two tensors of plain numbers: floats, integers and bools that stand for themselves, with broadcasting.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/elementwise/broadcast.h"

namespace glimpse::kernels {

// Integers wrap modulo 2^bits. Comparisons with NaN are false, so that MAXIMUM and MINIMUM then give b.
enum class Plain {
  kAdd,                // a + b
  kSub,                // a - b
  kMul,                // a * b
  kDiv,                // a / b, integers towards zero, the one overflow saturates
  kSquaredDifference,  // (a - b) * (a - b)
  kMaximum,            // a > b ? a : b
  kMinimum,            // a < b ? a : b
  kFloorDiv,           // floor(double(a) / double(b))
  kFloorMod,           // a - b * floor(a / b), with the sign of b
  kPow,                // pow(a, b) in double for integers (2^31 and more give -2^31), in float for floats
  kXor,                // a ^ b
  kRightShift,         // a >> b with the sign, b clamped to [0, bits - 1]
  kAtan2,              // atan2(a, b)
  kLogicalAnd,         // both are not 0
  kLogicalOr,          // one is not 0
};

template <typename T>
struct PlainParams {
  Plain function = Plain::kAdd;
  Broadcast<2> shape;
  T min = std::numeric_limits<T>::lowest();  // of the result: the fused activation
  T max = std::numeric_limits<T>::max();
  // Floats below 2^-126 count as 0 of their sign, in the inputs and in each result: so does XNNPACK, which sets the
  // processor to it. Only for kAdd, kSub, kMul, kDiv, kSquaredDifference, kMaximum and kMinimum.
  bool flushes = false;
};

// out = min(max(function(a, b), params.min), params.max), NaN stays. Shapes: as params.shape says; dense.
// Preconditions: no element of input2 is 0 for integers in kDiv and kFloorMod, and for kFloorDiv; none is negative for
// kPow on integers. Output may be the same memory as an input that is not repeated. Cannot fail. Reentrant.
// T is float, int8_t, uint8_t (bool too), int16_t, int32_t or int64_t; kXor and kRightShift need integers, kAtan2 needs
// float. Exactness: floats are IEEE 754 but for kPow and kAtan2, which are the C library's; the rest is exact.
// Source: TFLite, kernels/internal/reference/{add,sub,mul,div,maximum_minimum,binary_function}.h, kernels/pow.cc,
// kernels/right_shift.cc, kernels/bitwise_xor.cc, kernels/logical.cc.
template <typename T>
void PlainRef(const PlainParams<T>& params, const T* input1, const T* input2, T* output);

// Whether `value` is within 1e-5 of a whole number of at least 1; sets `exponent` to it. Reentrant.
template <typename T>
bool IsWholePower(T value, int32_t* exponent);

// base^exponent for `count` numbers, exponent >= 1, by squaring: p(1) = base, p(e) = p(e / 2)^2, times base when e is
// odd; every product wraps, or in float ends at the largest finite numbers. TFLite does so where one exponent that
// IsWholePower serves a base of another shape. May work in place. T is float or int32_t. Exact.
// Source: TFLite, kernels/internal/optimized/optimized_ops.h (BroadcastPow4D, IntegerExponentPow).
template <typename T>
void WholePowerRef(int64_t count, const T* base, int32_t exponent, T* output);

// out = input is 0 ? 1 : 0, on `count` bools. May work in place. Reentrant.
void LogicalNotRef(int64_t count, const uint8_t* input, uint8_t* output);

}  // namespace glimpse::kernels
