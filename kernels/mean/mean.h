// SPDX-License-Identifier: Apache-2.0
// MEAN on int8 over any set of dimensions.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

inline constexpr int kMaxMeanRank = 8;

struct MeanParams {
  int rank = 0;
  std::array<int32_t, kMaxMeanRank> dims{};
  std::array<bool, kMaxMeanRank> reduced{};  // dimension is averaged over
  int64_t reduced_count = 1;                 // product of the reduced dimensions, >= 1
  int64_t output_count = 1;                  // product of the others
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier multiplier;  // from MeanMultiplier
};

// Multiplier of s_in / s_out divided by `count`: the fixed-point multiplier of the quotient, then an integer division
// that keeps as many bits as fit: shift = min(floor(log2 count), 32, 31 + m.shift), {(m.multiplier << shift) / count,
// m.shift - shift}.
FixedPointMultiplier MeanMultiplier(double scale_ratio, int64_t count);

// out[k] = clamp(zp_out + MultiplyDoubleRounding(sum - reduced_count * zp_in, m)) over the elements that belong to k.
// The sum is exact modulo 2^32. Shapes: input dims; output the dims that are not reduced, in order. `sums` holds
// output_count elements of scratch.
//
// Preconditions: validated parameters. Output overlaps no input. Cannot fail. Reentrant.
//
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
// Source: TFLite, kernels/internal/reference/reduce.h (QuantizedMeanOrSum).
void MeanS8Ref(const MeanParams& params, const int8_t* input, int32_t* sums, int8_t* output);

}  // namespace glimpse::kernels
