// SPDX-License-Identifier: Apache-2.0
// TRANSPOSE_CONV: the convolution that spreads each input element over the output.
//
// With y = iy * stride - pad + fy for all iy in [0, input) and fy in [0, filter) that give this y, x likewise:
//     sum[n,y,x,o] = bias[o] + sum (in[n,iy,ix,d] - zp_in) * (w[o,fy,fx,d] - zp_w)
// Shapes: input [batches, height.input, width.input, input_depth], filter [output_depth, height.filter, width.filter,
// input_depth], bias [output_depth] or nullptr, output [batches, height.output, width.output, output_depth]; dense,
// last dimension fastest. Preconditions: validated parameters. No reads or writes outside of the shapes; output
// overlaps no input. Cannot fail. Reentrant. Source: TFLite, kernels/internal/reference/{transpose_conv.h,
// integer_ops/transpose_conv.h}.
#pragma once

#include <cstdint>

#include "kernels/quant/linear_output.h"

namespace glimpse::kernels {

// Sizes along one axis. All >= 1 but pad, which is >= 0; (input - 1) * stride + filter < 2^31, output + pad < 2^31.
struct TransposeAxis {
  int32_t input = 1;
  int32_t filter = 1;
  int32_t output = 1;
  int32_t stride = 1;
  int32_t pad = 0;
};

struct TransposeConvParams {
  int32_t batches = 1;
  TransposeAxis height;
  TransposeAxis width;
  int32_t input_depth = 1;
  int32_t output_depth = 1;
  LinearParams linear;
};

// Quantized: out = clamp(zp_out + scaled sum), the sum scaled and rounded by the rule of its channel's scale
// (QuantizedStore). Sums wrap modulo 2^32, those with an int64 bias modulo 2^64. Exactness: LiteRT 2.3 and TFLite
// Micro, as the scales' rounding says.
void TransposeConvS8Ref(const TransposeConvParams& params, const int8_t* input, const int8_t* filter,
                        const int32_t* bias, int8_t* output);
void TransposeConvU8Ref(const TransposeConvParams& params, const uint8_t* input, const uint8_t* filter,
                        const int32_t* bias, uint8_t* output);
void TransposeConvS16Ref(const TransposeConvParams& params, const int16_t* input, const int8_t* filter,
                         const int32_t* bias, int16_t* output);
void TransposeConvS16Ref(const TransposeConvParams& params, const int16_t* input, const int8_t* filter,
                         const int64_t* bias, int16_t* output);

// Float: products are added in the order of iy, ix, d, the bias at the end, then the clamp; linear is not looked at.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
void TransposeConvF32Ref(const TransposeConvParams& params, FloatRange range, const float* input, const float* filter,
                         const float* bias, float* output);

// Float activations that were quantized on the way, one batch (params.batches is not looked at). The sum is formed in
// float, in the order above, of float((in - zp_in) * w) * filter_scales[o] * input_scale, products from the left.
struct TransposeConvHybrid {
  float input_scale = 1;
  const float* filter_scales = nullptr;  // one an output channel
  FloatRange range;
};
void TransposeConvHybridRef(const TransposeConvParams& params, const TransposeConvHybrid& hybrid, const int8_t* input,
                            const int8_t* filter, const float* bias, float* output);

}  // namespace glimpse::kernels
