// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on int8.
#pragma once

#include <cstdint>

#include "kernels/quant/profile.h"
#include "kernels/window.h"

namespace glimpse::kernels {

struct DepthwiseConv2DParams {
  int32_t batches = 1;
  WindowAxis height;
  WindowAxis width;
  int32_t input_depth = 1;
  int32_t depth_multiplier = 1;  // output channels for each input channel
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
  const OutputScale* scales = nullptr;  // input_depth * depth_multiplier of them
};

// Convolution of each channel for itself, requantised by double rounding; with o = c * depth_multiplier + k:
//     out[n,y,x,o] = clamp(zp_out + MultiplyDoubleRounding(bias[o] + sum (in[n,iy,ix,c] - zp_in) * w[0,fy,fx,o], m[o]))
// with iy = y * stride - pad + fy * dilation. Padding stands for real 0 and contributes nothing.
// Shapes: input [batches, height.input, width.input, input_depth], filter [1, height.filter, width.filter,
// output_depth], bias [output_depth] or nullptr, output [batches, height.output, width.output, output_depth],
// output_depth = input_depth * depth_multiplier; dense, last dimension fastest. Ranges: zero points in [-128, 127],
// filter zero point 0, multipliers as QuantizeMultiplier makes them. The accumulator and the addition of zp_out wrap
// modulo 2^32. Preconditions: validated parameters. No reads or writes outside of the shapes; output overlaps no input.
// Cannot fail. Reentrant. Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source: TFLite,
// kernels/internal/reference/integer_ops/depthwise_conv.h; arXiv:1712.05877.
void DepthwiseConv2DS8DoubleRoundRef(const DepthwiseConv2DParams& params, const int8_t* input, const int8_t* filter,
                                     const int32_t* bias, int8_t* output);

}  // namespace glimpse::kernels
