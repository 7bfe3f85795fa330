// SPDX-License-Identifier: Apache-2.0
// SVDF: a fully connected layer over time, its weights factored into features and a filter over the last `memory`
// steps.
//
// Shapes: input [batches, inputs], feature weights [filters, inputs], time weights [filters, memory], bias [units] or
// nullptr, state [batches, filters, memory], output [batches, units], filters = units * rank; dense. Each call moves
// the state by one step, and its newest entries become the features of the input:
//     state[b,f] = state[b,f] without its first, followed by feature[b,f] = sum over i of in[b,i] * wf[f,i]
//     out[b,u] = activation(bias[u] + sum over r < rank of sum over m of state[b, u * rank + r, m] * wt[u * rank + r,
//     m])
// Preconditions: validated parameters, no memory overlaps. Nothing can fail or touch memory outside of the shapes; the
// functions are reentrant.
// Sources: TFLite, kernels/svdf.cc, kernels/internal/reference/svdf.h; TFLite Micro, kernels/svdf_common.cc.
#pragma once

#include <cstdint>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

struct SvdfShape {
  int32_t batches = 1;
  int32_t inputs = 1;
  int32_t filters = 1;
  int32_t rank = 1;
  int32_t memory = 1;
};

struct SvdfQuantization {
  int32_t input_zero_point = 0;
  int32_t state_zero_point = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier feature;  // input scale * feature scale / state scale
  FixedPointMultiplier output;   // state scale * time scale / output scale
};

// int8, with a state and time weights of State: int16_t or, in TFLite Micro alone, int8_t. Outputs are double
// rounded, given their zero point and clamped; features are clamped first, and with the zero point then wrap in their
// type. Sums wrap. The fused activation plays no part.
template <typename State>
void SvdfIntegerRef(const SvdfShape& shape, const SvdfQuantization& quantization, const int8_t* input,
                    const int8_t* features, const State* time, const int32_t* bias, State* state, int8_t* output);

struct SvdfFloatParams {
  Activation activation = Activation::kNone;
  bool bias_first = false;  // TFLite Micro adds the products to the bias, LiteRT the bias to their sum
};

// float32, sums in the order of indices from 0.
void SvdfF32Ref(const SvdfShape& shape, const SvdfFloatParams& params, const float* input, const float* features,
                const float* time, const float* bias, float* state, float* output);

struct SvdfHybridParams {
  bool asymmetric = false;
  float feature_scale = 1;
  float time_scale = 1;
};

// Float activations with int8 weights: rows of the input are quantized into `row` (`inputs` elements), time weights
// dequantized.
void SvdfHybridRef(const SvdfShape& shape, const SvdfFloatParams& params, const SvdfHybridParams& hybrid,
                   const float* input, const int8_t* features, const int8_t* time, const float* bias, int8_t* row,
                   float* state, float* output);

}  // namespace glimpse::kernels
