// SPDX-License-Identifier: Apache-2.0
// Quantization of the operators that sum products of activations and weights: CONV_2D, DEPTHWISE_CONV_2D,
// TRANSPOSE_CONV, FULLY_CONNECTED.
#pragma once

#include <cstdint>
#include <string_view>

#include "glimpse/sdk.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"
#include "plugins/ops/checks.h"

namespace glimpse::ops {

// What a linear operator consists of, and how its accumulator becomes an output.
struct LinearNode {
  Tensor input;   // int8, uint8 or int16
  Tensor filter;  // int8 or int4; uint8 when the input is; int16 where the operator takes it, when the input is
  Tensor bias;    // may be absent
  Tensor output;  // of the input's type, or output_type
  std::string_view input_name = "input 0";
  std::string_view filter_name = "input 1 (filter)";
  std::string_view bias_name = "input 2 (bias)";
  int32_t channels = 1;     // of the output
  int32_t filter_axis = 0;  // dimension of the filter that scales a channel run along
  glimpse_dtype bias_type = GLIMPSE_INT32;
  glimpse_dtype output_type = GLIMPSE_FLOAT32;  // FLOAT32, which is 0: the input's
  bool asymmetric_int8_filter = false;          // int8 weights with one scale may have a zero point
  bool int16_filter = false;                    // int16 activations also go with int16 weights
  kernels::Rounding rounding = kernels::Rounding::kDouble;
  kernels::ScaleProduct product = kernels::ScaleProduct::kDouble;
};

// What a kernel needs of it beside the scales.
struct LinearQuantization {
  int32_t input_zero_point = 0;
  int32_t filter_zero_point = 0;  // not 0 for uint8, and int8 where the operator takes it
  int32_t output_zero_point = 0;
  kernels::ActivationRange range;
};

// Whether weights of that type go with such activations: int8 and int4 with int8 and int16, uint8 with uint8.
// Unsupported for all others.
Status RequireLinearTypes(const LinearNode& node);

// Type of the bias of quantized activations: int32, but int64 for int16 unless the options say int32. Unsupported when
// they say something else.
Status GetBiasType(glimpse_dtype input_type, glimpse_dtype quantized_bias_type, glimpse_dtype* bias_type);

// int8, uint8 or int16 with one scale and a zero point within the type, which is 0 for int16. Invalid without
// quantization, unsupported with several scales.
Status RequireQuantizedActivation(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization);

// Checks types, scales, zero points and the bias of a node with quantized activations, and computes the scale of each
// output channel.
Status GetLinearQuantization(PrepareContext& context, const LinearNode& node, glimpse_activation activation,
                             LinearQuantization* quantization, sdk::Persistent<kernels::OutputScale>* scales);

// int8 weights of a hybrid form, which LiteRT multiplies with SSSE3 on x86-64: rows of 16 and more come out wrong there
// where a weight is -128. Unsupported unless constant and free of it.
Status RequireHybridWeights(const Tensor& weights, std::string_view what);

}  // namespace glimpse::ops
