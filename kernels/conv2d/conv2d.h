// SPDX-License-Identifier: Apache-2.0
// CONV_2D on int8.
#pragma once

#include <cstdint>

#include "kernels/quant/profile.h"
#include "kernels/window.h"

namespace glimpse::kernels {

struct Conv2DParams {
  int32_t batches = 1;
  WindowAxis height;
  WindowAxis width;
  int32_t input_depth = 1;
  int32_t output_depth = 1;
  int32_t groups = 1;  // divides input_depth and output_depth; a filter sees input_depth / groups channels
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
  const OutputScale* scales = nullptr;  // output_depth of them
};

// Convolution, each output element requantised by double rounding:
//     out[n,y,x,o] = clamp(zp_out + MultiplyDoubleRounding(bias[o] + sum (in[n,iy,ix,g*D+d] - zp_in) * w[o,fy,fx,d],
//     m[o]))
// with iy = y * stride - pad + fy * dilation, g the group of o, D = input_depth / groups. What lies outside of the
// input contributes nothing: padding stands for real 0. Shapes: input [batches, height.input, width.input,
// input_depth], filter [output_depth, height.filter, width.filter, D], bias [output_depth] or nullptr, output [batches,
// height.output, width.output, output_depth]; dense, last dimension fastest. Ranges: zero points in [-128, 127], filter
// zero point 0, multipliers as QuantizeMultiplier makes them. The accumulator and the addition of zp_out wrap modulo
// 2^32, as the runtimes' do. Preconditions: validated parameters. No reads or writes outside of the shapes; output
// overlaps no input. Cannot fail. Reentrant. Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source:
// TFLite, kernels/internal/reference/integer_ops/conv.h; gemmlowp, doc/quantization.md, equation 3; arXiv:1712.05877.
void Conv2DS8DoubleRoundRef(const Conv2DParams& params, const int8_t* input, const int8_t* filter, const int32_t* bias,
                            int8_t* output);

}  // namespace glimpse::kernels
