// SPDX-License-Identifier: Apache-2.0
// Validation for operators whose kernels are templates over the element type.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "plugins/ops/checks.h"

namespace glimpse::ops {

// int8, uint8 and int16: the types whose tensors carry a scale.
bool IsQuantizedType(glimpse_dtype dtype);
// Smallest and largest value of int8, uint8 or int16.
kernels::ActivationRange RangeOfType(glimpse_dtype dtype);

// One scale and a zero point within the range of the tensor's type, which is int8, uint8 or int16. Invalid without
// quantization, unsupported with several scales.
Status RequirePerTensor(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization);
// Unsupported unless the zero points are equal and the scales differ by at most 1e-6, as TFLite demands of operators
// that do not rescale.
Status RequireNearlySameQuantization(kernels::PerTensor input, kernels::PerTensor output);
// Unsupported when the profile is tflite-micro: its runtime has no such kernel. `what` is "uint8" for instance.
Status RefuseForMicro(kernels::Profile profile, std::string_view what);

// As GetActivationRange, with the rounding of XNNPACK.
Status GetXnnpackActivationRange(glimpse_activation activation, kernels::PerTensor output,
                                 kernels::ActivationRange* range, kernels::ActivationRange type);
// Bounds of a fused activation on float: none, RELU, RELU6, RELU_N1_TO_1. Unsupported for others.
Status GetFloatActivationRange(glimpse_activation activation, float* min, float* max);

// Product of all, saturated at 2^64 - 1: for ReportWork.
uint64_t SaturatedProduct(std::initializer_list<uint64_t> factors);

}  // namespace glimpse::ops
