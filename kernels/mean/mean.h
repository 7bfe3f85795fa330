// SPDX-License-Identifier: Apache-2.0
// MEAN over any set of dimensions.
#pragma once

#include <cstdint>

#include "kernels/quant/fixed_point.h"
#include "kernels/reduce/reduce.h"

namespace glimpse::kernels {

// Multiplier of s_in / s_out divided by `count`: the fixed-point multiplier of the quotient, then an integer division
// that keeps as many bits as fit: shift = min(floor(log2 count), 32, 31 + m.shift), {(m.multiplier << shift) / count,
// m.shift - shift}. count >= 1.
FixedPointMultiplier MeanMultiplier(double scale_ratio, int64_t count);

// On int8, uint8 and int16: out[k] = clamp(zp_out + MultiplyDoubleRounding(sum - reduced_count * zp_in, m)), m from
// MeanMultiplier: that is SumQuantizedRef of kernels/reduce with another multiplier. `sums` holds output_count elements
// of scratch.
//
// Without any element the output is 0, in float NaN. Preconditions of all: validated parameters. Output overlaps no
// input. Cannot fail. Reentrant. Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source: TFLite,
// kernels/internal/reference/reduce.h (QuantizedMeanOrSum, Mean).
template <typename T>
void MeanQuantizedRef(const ReduceShape& shape, const QuantizedReduceParams& params, const T* input, int32_t* sums,
                      T* output) {
  SumQuantizedRef(shape, params, input, sums, output);
}

// On int32, int64 and float: the sum, in int64 modulo 2^64 or in float, divided by the count; an integer quotient is
// cut towards zero. `sums` holds output_count elements. Exactness: as above, integers also without the reference
// kernels.
void MeanS32Ref(const ReduceShape& shape, const int32_t* input, int64_t* sums, int32_t* output);
void MeanS64Ref(const ReduceShape& shape, const int64_t* input, int64_t* sums, int64_t* output);
void MeanF32Ref(const ReduceShape& shape, const float* input, float* sums, float* output);

}  // namespace glimpse::kernels
