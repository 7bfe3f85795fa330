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

// out[i] = clamp(zp + round(in[i] / scale)) to int8: the quotient in float, ties away from zero. Quotients outside of
// int32 and NaN count as -2^31 before zp is added modulo 2^32, which is what x86-64 conversions make of them. Shapes:
// `count` elements each. Output may be the same memory as input for no pair of types here. Cannot fail. Reentrant.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro on x86-64.
// Source: TFLite, kernels/internal/reference/quantize.h.
void QuantizeF32ToS8Ref(const ChannelScales& scales, int64_t count, const float* input, int8_t* output);

// out[i] = clamp(zp_out + MultiplyDoubleRounding(in[i] - zp_in, m)) to int8, m being s_in / s_out.
// Shapes: `count` elements each; output may be the same memory as input. Cannot fail. Reentrant.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
// Source: TFLite, kernels/internal/reference/requantize.h.
void RequantizeS8Ref(FixedPointMultiplier multiplier, int32_t input_zero_point, int32_t output_zero_point,
                     int64_t count, const int8_t* input, int8_t* output);

// out[i] = scale * (in[i] - zp), one rounding of the exact product to float.
// Shapes: `count` elements each. Cannot fail. Reentrant. Exactness: every TFLite runtime.
// Source: TFLite, kernels/internal/reference/dequantize.h.
void DequantizeS8ToF32Ref(const ChannelScales& scales, int64_t count, const int8_t* input, float* output);

}  // namespace glimpse::kernels
