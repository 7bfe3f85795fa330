// SPDX-License-Identifier: Apache-2.0
// ADD and SUB on int8 without repetition, for one instruction set: the values of QuantizedRef (quantized.h).
//
// Two ways. An 8-bit sum has only 2^16 pairs of inputs, so at prepare a linear function
//     out = clamp(floor((a * k1 + b * k2 + c) / 2^(low + high)) + zero point)
// is what runs where it gives every pair's value: each pair confines c to an interval, and the intervals of all of them
// must have a number in common (proof by exhaustion). Two products of 16 bits make a product of 31: with k = h * 2^15 +
// l, l in [0, 2^15),
//     floor((a * k1 + b * k2) / 2^low) = (a * h1 + b * h2) * 2^(15-low) + floor((a * l1 + b * l2) / 2^low),
// which is exact since low <= 15. XNNPACK's scheme is such a function with low = 0.
// Where none is found (scales for which sums lie on ties), the three fixed-point steps of TFLite run as they are
// written, in the exact vector forms of kernels/quant/lane_scales.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/elementwise/quantized.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

// Lanes of the widest instruction set: constants are repeated so often.
inline constexpr int32_t kSumLanes = 16;

struct SumS8 {
  bool linear = false;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;
  int32_t output_max = 127;
  // Linear: pairs of 16-bit factors for (a, b), the first in the low half; c is in units of 2^low.
  int32_t high_factors = 0;
  int32_t low_factors = 0;
  int32_t addend = 0;
  int32_t low_shift = 0;
  int32_t high_shift = 0;
  // Otherwise: what is taken off, and the three scales.
  int32_t zero_point1 = 0;
  int32_t zero_point2 = 0;
  bool negative = false;  // SUB
  LaneScales input1;
  LaneScales input2;
  LaneScales output;
};

// Bytes that PrepareSumS8 needs for the scales.
size_t SumS8Bytes();

// Chooses the way for validated parameters of ADD or SUB; `memory` is aligned to 64 bytes and must outlive `sum`.
// `vector_lanes` is that of the instruction set (4, 8, 16). False for what is not served: another function or scheme,
// SUB with a shift to the left. Tries all pairs: some tenths of a millisecond.
bool PrepareSumS8(const QuantizedParams& params, int32_t vector_lanes, void* memory, SumS8* sum);

// count elements. `output` may be the memory of an input. Nothing else is read or written. Reentrant.
using RunSumS8 = void (*)(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output);

struct SumS8Kernel {
  int32_t vector_lanes;
  RunSumS8 run;
};

extern const SumS8Kernel kSumS8Avx2;
// AVX-512 F, BW, VL.
extern const SumS8Kernel kSumS8Avx512Vnni;
// NEON of every arm64.
extern const SumS8Kernel kSumS8Neon;

}  // namespace glimpse::kernels
