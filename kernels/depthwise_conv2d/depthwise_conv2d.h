// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D: convolution of each channel for itself.
//
// With o = c * depth_multiplier + k and iy = y * stride - pad + fy * dilation:
//     sum[n,y,x,o] = bias[o] + sum (in[n,iy,ix,c] - zp_in) * (w[0,fy,fx,o] - zp_w)
// Padding stands for real 0 and contributes nothing. Shapes: input [batches, height.input, width.input, input_depth],
// filter [1, height.filter, width.filter, output_depth], bias [output_depth] or nullptr, output [batches,
// height.output, width.output, output_depth], output_depth = input_depth * depth_multiplier; dense, last dimension
// fastest. Preconditions: validated parameters. No reads or writes outside of the shapes; output overlaps no input.
// Cannot fail. Reentrant. Source: TFLite, kernels/internal/reference/{depthwiseconv_float.h, depthwiseconv_uint8.h,
// integer_ops/depthwise_conv.h}; arXiv:1712.05877.
#pragma once

#include <cstdint>

#include "kernels/quant/linear_output.h"
#include "kernels/window.h"

namespace glimpse::kernels {

struct DepthwiseConv2DParams {
  int32_t batches = 1;
  WindowAxis height;
  WindowAxis width;
  int32_t input_depth = 1;
  int32_t depth_multiplier = 1;  // output channels for each input channel
  LinearParams linear;
};

// Quantized: out = clamp(zp_out + scaled sum), the sum scaled and rounded by the rule of its channel's scale
// (QuantizedStore). Sums wrap modulo 2^32, those with an int64 bias modulo 2^64. Exactness: LiteRT 2.3 and TFLite
// Micro, as the scales' rounding says.
void DepthwiseConv2DS8Ref(const DepthwiseConv2DParams& params, const int8_t* input, const int8_t* filter,
                          const int32_t* bias, int8_t* output);
void DepthwiseConv2DU8Ref(const DepthwiseConv2DParams& params, const uint8_t* input, const uint8_t* filter,
                          const int32_t* bias, uint8_t* output);
void DepthwiseConv2DS16Ref(const DepthwiseConv2DParams& params, const int16_t* input, const int8_t* filter,
                           const int64_t* bias, int16_t* output);

// Float: products are added in the order of fy, fx, the bias at the end, then the clamp; linear is not looked at.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
void DepthwiseConv2DF32Ref(const DepthwiseConv2DParams& params, FloatRange range, const float* input,
                           const float* filter, const float* bias, float* output);

// Float activations that were quantized on the way, one batch (params.batches is not looked at):
//     out = clamp(float(sum) * (filter_scales[o] * input_scale) + bias[o])
// in float, each operation rounded; float bias. zp_in is linear.input_zero_point.
struct DepthwiseConv2DHybrid {
  float input_scale = 1;
  const float* filter_scales = nullptr;  // one an output channel
  FloatRange range;
};
void DepthwiseConv2DHybridRef(const DepthwiseConv2DParams& params, const DepthwiseConv2DHybrid& hybrid,
                              const int8_t* input, const int8_t* filter, const float* bias, float* output);

}  // namespace glimpse::kernels
