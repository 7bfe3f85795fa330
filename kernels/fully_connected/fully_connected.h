// SPDX-License-Identifier: Apache-2.0
// FULLY_CONNECTED: each row of activations times a matrix of weights, on integers, on floats, and on floats with
// integer weights (hybrid).
//
// Shapes everywhere: input [batches, input_depth], filter [output_depth, input_depth], bias [output_depth] or nullptr,
// output [batches, output_depth]; dense, last dimension fastest. Preconditions: validated parameters. No reads or
// writes outside of the shapes; the output overlaps no input. Nothing can fail; all functions are reentrant.
// Sources: TFLite, kernels/fully_connected.cc, kernels/internal/reference/fully_connected.h,
// kernels/internal/reference/integer_ops/fully_connected.h; arXiv:1712.05877.
#pragma once

#include <cstdint>

#include "kernels/quant/int4.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

struct FullyConnectedParams {
  int32_t batches = 1;
  int32_t input_depth = 1;
  int32_t output_depth = 1;
  int32_t input_zero_point = 0;
  int32_t filter_zero_point = 0;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
  const OutputScale* scales = nullptr;  // output_depth of them
};

// Matrix product, each output element requantised by the rule that its scale names:
//     out[b,o] = clamp(zp_out + Requantize(bias[o] + sum (in[b,d] - zp_in) * (w[o,d] - zp_w), scales[o]))
// Runtimes differ here: LiteRT's reference kernels round a product of doubles, TFLite Micro double-rounds in fixed
// point (a sum of 64 bits: with a multiplier of 16 bits). The sum has the type Sum, int32_t or int64_t, and wraps; so
// does the addition of zp_out. Forms (input, weights, output, sum, bias):
//     int8, int8 or int4, int8, int32, int32         uint8, uint8, uint8 or int16, int32, int32
//     int16, int8 or int4, int16, int64, int64       the same with a sum and a bias of int32
//     int16, int16, int16, int64, int32 or int64
// Weights is const W* or PackedInt4. Exactness: LiteRT 2.3 with reference kernels, TFLite Micro.
template <typename In, typename Weights, typename Out, typename Sum, typename Bias>
void FullyConnectedRef(const FullyConnectedParams& params, const In* input, Weights filter, const Bias* bias,
                       Out* output);

// out[b,o] = clamp(bias[o] + sum in[b,d] * w[o,d], min, max) in float, the sum in the order of d from 0.
void FullyConnectedF32Ref(const FullyConnectedParams& params, const float* input, const float* filter,
                          const float* bias, float min, float max, float* output);

// What the hybrid form needs beside the sizes.
struct HybridParams {
  bool asymmetric = false;  // of the quantization of activations
  Activation activation = Activation::kNone;
  const float* filter_scales = nullptr;  // one, or output_depth of them when per_channel
  bool per_channel = false;
};

// Float activations with int8 or int4 weights:
//     out[b,o] = activation(bias[o] + float(dot) * (scale_b * scale_w[o]))
// dot as HybridDot gives it for row b, which QuantizeRow stores in `row` (input_depth elements). An input of zeros
// alone gives activation(bias). Exactness: LiteRT 2.3 with reference kernels, for finite input.
template <typename Weights>
void FullyConnectedHybridRef(const FullyConnectedParams& params, const HybridParams& hybrid, const float* input,
                             Weights filter, const float* bias, int8_t* row, float* output);

}  // namespace glimpse::kernels
