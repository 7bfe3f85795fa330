// SPDX-License-Identifier: Apache-2.0
// L2_NORMALIZATION over the last dimension.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// For each row: out[c] = clamp(zp_out + MultiplyDoubleRounding(d[c], 128 / sqrt(sum of d^2))), d[c] = in[c] - zp_in;
// the sum in int32, modulo 2^32 (a negative one counts as 0); the root in fixed point (kernels/quant/inverse_sqrt.h).
// Output scale 1/128, zero point 0 in int8 and 128 in uint8. The two types multiply differently: int8 by 2^7 in the
// multiplier's shift, uint8 in the difference.
//
// Shapes: input and output [rows, depth]. Preconditions: rows >= 0, depth >= 1. Output may be the same memory as input.
// Cannot fail. Reentrant. Exactness: all three profiles (TFLite Micro: int8 and float).
// Source: TFLite, kernels/internal/reference/integer_ops/l2normalization.h, reference/l2normalization.h.
template <typename T>
void L2NormalizationRef(int64_t rows, int32_t depth, int32_t input_zero_point, const T* input, T* output);

// out[c] = in[c] / max(sqrt(sum of in^2), 1e-6), in float. Else as above. Within 1e-5 of the runtimes.
void L2NormalizationF32Ref(int64_t rows, int32_t depth, const float* input, float* output);

}  // namespace glimpse::kernels
