// SPDX-License-Identifier: Apache-2.0
// QUANTIZE and DEQUANTIZE.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

// Scales along one dimension: element i belongs to channel (i / inner) % channels. channels 1: one scale for all.
struct ChannelScales {
  int64_t channels = 1;
  int64_t inner = 1;
  const float* scales = nullptr;         // `channels` of them, positive
  const int32_t* zero_points = nullptr;  // `channels` of them
};

// Which runtime's conversion from float.
enum class FloatRounding {
  kDivideHalfAway,    // round(x / scale), ties away from zero: LiteRT's reference kernels, TFLite Micro
  kMultiplyHalfEven,  // rint(x * (1 / scale)), ties to even: XNNPACK
  kOptimised,         // the second rule, and round(x / scale) in double for the last count % 8 elements: LiteRT's
                      // optimised kernel, which computes what XNNPACK does not take
};

// out[i] = clamp(zp + rounded quotient) to T (int8_t, uint8_t, int16_t); the quotient in float. By division, quotients
// outside of int32 and NaN count as -2^31 before zp is added modulo 2^32, which is what x86-64 conversions make of
// them; by multiplication they saturate, and NaN becomes the least T. Shapes: `count` elements each. Output may be the
// same memory as input for no pair of types here. Cannot fail. Reentrant. Source: TFLite,
// kernels/internal/reference/quantize.h; XNNPACK, f32-qs8-vcvt.
template <typename T>
void QuantizeRef(FloatRounding rounding, const ChannelScales& scales, int64_t count, const float* input, T* output);

// In and Out of int8_t, uint8_t, int16_t, int32_t: out[i] = clamp(zp_out + MultiplyDoubleRounding(in[i] - zp_in, m)) to
// Out, m being s_in / s_out; differences and sums modulo 2^32.
// `factor_256` not 0, which is XNNPACK's form for s_in / s_out in [2^-8, 2^7]: zp_out + floor((factor_256 * (in[i] -
// zp_in) + 128) / 256) instead, factor_256 being 256 * s_in / s_out in float, rounded with ties to even.
// `half_up`, which is LiteRT's optimised kernel for pairs of 8 bits: the last shift to the right rounds ties upwards
// (MultiplyHalfUp) in all elements but the last count % 16.
// Shapes: `count` elements each; output may be the same memory as input where the types have one size. Cannot fail.
// Reentrant.
// Source: TFLite, kernels/internal/reference/requantize.h, kernels/internal/optimized/optimized_ops.h; XNNPACK,
// qs8-vcvt.
struct RequantizeParams {
  FixedPointMultiplier multiplier;
  int32_t factor_256 = 0;
  bool half_up = false;
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
};
// XNNPACK's factor, 0 where s_in / s_out lies outside of its range.
int32_t RequantizeFactor(float input_scale, float output_scale);
template <typename In, typename Out>
void RequantizeRef(const RequantizeParams& params, int64_t count, const In* input, Out* output);

// out[i] = scale * (in[i] - zp), one rounding of the exact product to float. T: int8_t, uint8_t, int16_t.
// Shapes: `count` elements each. Cannot fail. Reentrant. Exactness: every TFLite runtime.
// Source: TFLite, kernels/internal/reference/dequantize.h.
template <typename T>
void DequantizeRef(const ChannelScales& scales, int64_t count, const T* input, float* output);
// The same as LiteRT's optimised kernel has it, for one scale: whole blocks of 8 elements are float(scale * in[i]) +
// float(-zp * scale), the sum rounded to float; the last count % 8 as above. T: int8_t, uint8_t.
// Source: TFLite, kernels/internal/optimized/optimized_ops.h (Dequantize).
template <typename T>
void DequantizeBlocksRef(PerTensor quantization, int64_t count, const T* input, float* output);
// As DequantizeRef for int4: two elements a byte, the first in the low nibble.
void DequantizeS4Ref(const ChannelScales& scales, int64_t count, const uint8_t* input, float* output);

}  // namespace glimpse::kernels
