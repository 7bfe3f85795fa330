// SPDX-License-Identifier: Apache-2.0
// CONV_2D.
//
// With iy = y * stride - pad + fy * dilation, g the group of o and D = input_depth / groups:
//     sum[n,y,x,o] = bias[o] + sum (in[n,iy,ix,g*D+d] - zp_in) * (w[o,fy,fx,d] - zp_w)
// What lies outside of the input contributes nothing: padding stands for real 0. Shapes: input [batches, height.input,
// width.input, input_depth], filter [output_depth, height.filter, width.filter, D], bias [output_depth] or nullptr,
// output [batches, height.output, width.output, output_depth]; dense, last dimension fastest.
// Preconditions: validated parameters. No reads or writes outside of the shapes; output overlaps no input. Cannot fail.
// Reentrant. Source: TFLite, kernels/internal/reference/{conv.h, integer_ops/conv.h}; gemmlowp, doc/quantization.md,
// equation 3; arXiv:1712.05877.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/linear_output.h"
#include "kernels/window.h"

namespace glimpse::kernels {

// MAX_POOL_2D over the outputs of a convolution. `input` of an axis is that `output`; windows do not overlap (stride >=
// filter) and begin at 0; the last of an axis may reach beyond the end, where it is cut.
struct MaxPoolAfter {
  WindowAxis height;
  WindowAxis width;
};

struct Conv2DParams {
  int32_t batches = 1;
  WindowAxis height;
  WindowAxis width;
  int32_t input_depth = 1;
  int32_t output_depth = 1;
  int32_t groups = 1;  // divides input_depth and output_depth; a filter sees input_depth / groups channels
  LinearParams linear;
  std::optional<MaxPoolAfter> pool;  // for the kernels of conv2d_packed.h alone
};

// Quantized: out = clamp(zp_out + scaled sum), the sum scaled and rounded by the rule of its channel's scale
// (QuantizedStore). Sums wrap modulo 2^32, those with an int64 bias modulo 2^64. Exactness: LiteRT 2.3 and TFLite
// Micro, as the scales' rounding says.
void Conv2DS8Ref(const Conv2DParams& params, const int8_t* input, const int8_t* filter, const int32_t* bias,
                 int8_t* output);
void Conv2DU8Ref(const Conv2DParams& params, const uint8_t* input, const uint8_t* filter, const int32_t* bias,
                 uint8_t* output);
void Conv2DS16Ref(const Conv2DParams& params, const int16_t* input, const int8_t* filter, const int32_t* bias,
                  int16_t* output);
void Conv2DS16Ref(const Conv2DParams& params, const int16_t* input, const int8_t* filter, const int64_t* bias,
                  int16_t* output);

// Float: products are added in the order of fy, fx, d, the bias at the end, then the clamp; linear is not looked at.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
void Conv2DF32Ref(const Conv2DParams& params, FloatRange range, const float* input, const float* filter,
                  const float* bias, float* output);

// Float activations that were quantized on the way, one batch (params.batches is not looked at):
//     out = clamp(float(sum) * filter_scales[o] * input_scale + bias[o])
// with the products from the left, rounded to float each; float bias. zp_in is linear.input_zero_point. `filter_scales`
// is one number when `per_channel` is false, and the two scales are multiplied first then.
struct Conv2DHybrid {
  float input_scale = 1;
  const float* filter_scales = nullptr;
  bool per_channel = false;
  FloatRange range;
};
void Conv2DHybridRef(const Conv2DParams& params, const Conv2DHybrid& hybrid, const int8_t* input, const int8_t* filter,
                     const float* bias, float* output);

}  // namespace glimpse::kernels
