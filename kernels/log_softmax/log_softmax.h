// SPDX-License-Identifier: Apache-2.0
// LOG_SOFTMAX over the last dimension: x[c] - log(sum of exp(x)).
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

// Shapes: input and output [rows, depth]. Preconditions: rows >= 0, depth >= 1. Output may be the same memory as input.
// Cannot fail. Reentrant.

struct LogSoftmaxParams {
  int64_t rows = 1;
  int32_t depth = 1;
  FixedPointMultiplier multiplier;  // input scale in Q5.26
  FixedPointMultiplier reverse;     // from Q5.26 to a difference of stored numbers
  int32_t diff_min = 0;             // differences to the row's maximum below this one count as exp = 0
};
// Nothing when input_scale is not above 2^-26.
std::optional<LogSoftmaxParams> LogSoftmaxScaling(float input_scale);

// T (int8_t, uint8_t), output scale 16/256 and zero point the largest T. Differences d to the row's maximum in Q5.26,
// the logarithm of the sum of their exponentials (Q12.19, modulo 2^32) in fixed point too: clamp(zp_out + round((d -
// log) * 16)), ties away from zero; the least T for d at or below the larger of diff_min - 1 and what log leaves of the
// range.
//
// Exactness: LiteRT 2.3 with reference kernels, TFLite Micro (int8).
// Source: TFLite, kernels/internal/reference/integer_ops/log_softmax.h, reference/log_softmax.h, internal/common.h
// (log_x_for_x_greater_than_or_equal_to_1).
template <typename T>
void LogSoftmaxRef(const LogSoftmaxParams& params, const T* input, T* output);

// The same as LiteRT's optimised kernels compute it, which profile litert-xnnpack has: exp(-s_in * d) for d = 0 to 255
// in float by the C library, added up in the row's order; rint(s_in / s_out * q - (s_in * max + log(sum)) / s_out) +
// zp_out in float, ties to even, clamped. s_out is 16/256. Source: TFLite, kernels/internal/optimized/optimized_ops.h.
template <typename T>
void LogSoftmaxOptimisedRef(float input_scale, int64_t rows, int32_t depth, const T* input, T* output);

// In float, by the C library; within 1e-5 of the runtimes.
void LogSoftmaxF32Ref(int64_t rows, int32_t depth, const float* input, float* output);

}  // namespace glimpse::kernels
