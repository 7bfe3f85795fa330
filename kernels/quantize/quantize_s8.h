// SPDX-License-Identifier: Apache-2.0
// QUANTIZE from float to int8 with one scale, for one instruction set: the values of QuantizeRef (quantize.h).
//
// Where the instruction set has no such rounding, half away from zero is truncation after adding the float below 0.5
// with the quotient's sign: 0.5 itself would take the float below a half up, and this one still takes a half up, since
// the sum is rounded to even. What does not fit, NaN among it, has to become -2^31, which is what ToInt32 gives.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/quantize/quantize.h"

namespace glimpse::kernels {

// `rounding` is not kOptimised. Nothing outside of `count` elements is read or written. Reentrant.
using RunQuantizeToInt8 = void (*)(FloatRounding rounding, float scale, int32_t zero_point, size_t count,
                                   const float* input, int8_t* output);
void QuantizeToInt8Avx2(FloatRounding rounding, float scale, int32_t zero_point, size_t count, const float* input,
                        int8_t* output);
void QuantizeToInt8Neon(FloatRounding rounding, float scale, int32_t zero_point, size_t count, const float* input,
                        int8_t* output);

}  // namespace glimpse::kernels
