// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/linear_checks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

// One scale for the whole filter, with a zero point of its own.
Status RequireAsymmetricFilter(const LinearNode& node, int32_t* zero_point) {
  kernels::PerTensor quantization;
  GLIMPSE_SDK_TRY(RequireQuantizedActivation(node.filter, node.filter_name, &quantization));
  *zero_point = quantization.zero_point;
  return Ok();
}

Status RequireLinearBias(const LinearNode& node) {
  if (!node.bias.present()) return Ok();
  GLIMPSE_SDK_TRY(RequireType(node.bias, node.bias_name, node.bias_type));
  if (node.bias.element_count() == node.channels) return Ok();
  return InvalidNode(node.bias_name, " is ", node.bias.Describe(), "; it must have ", node.channels, " elements");
}

}  // namespace

Status RequireLinearTypes(const LinearNode& node) {
  if (!node.input.present()) return InvalidNode(node.input_name, " is missing");
  if (!node.filter.present()) return InvalidNode(node.filter_name, " is missing");
  const glimpse_dtype input = node.input.dtype();
  const glimpse_dtype filter = node.filter.dtype();
  const bool symmetric =
      (input == GLIMPSE_INT8 || input == GLIMPSE_INT16) && (filter == GLIMPSE_INT8 || filter == GLIMPSE_INT4);
  if (symmetric || (input == GLIMPSE_UINT8 && filter == GLIMPSE_UINT8)) return Ok();
  if (node.int16_filter && input == GLIMPSE_INT16 && filter == GLIMPSE_INT16) return Ok();
  return Unsupported(node.input_name, " is ", node.input.Describe(), ", ", node.filter_name, " ",
                     node.filter.Describe(), "; int8 and int16 go with int8 and int4, uint8 with uint8");
}

Status GetBiasType(glimpse_dtype input_type, glimpse_dtype quantized_bias_type, glimpse_dtype* bias_type) {
  *bias_type = input_type == GLIMPSE_INT16 ? GLIMPSE_INT64 : GLIMPSE_INT32;
  if (input_type != GLIMPSE_INT16 || quantized_bias_type == GLIMPSE_FLOAT32) return Ok();
  if (quantized_bias_type != GLIMPSE_INT32 && quantized_bias_type != GLIMPSE_INT64) {
    return Unsupported("quantized_bias_type is ", sdk::DtypeName(quantized_bias_type), "; it must be int32 or int64");
  }
  *bias_type = quantized_bias_type;
  return Ok();
}

Status RequireQuantizedActivation(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization) {
  GLIMPSE_SDK_TRY(RequirePerTensor(tensor, what, quantization));
  if (tensor.dtype() != GLIMPSE_INT16 || quantization->zero_point == 0) return Ok();
  return InvalidNode(what, " is int16 with zero point ", quantization->zero_point, "; it must be 0");
}

Status GetLinearQuantization(PrepareContext& context, const LinearNode& node, glimpse_activation activation,
                             LinearQuantization* quantization, sdk::Persistent<kernels::OutputScale>* scales) {
  kernels::PerTensor input;
  kernels::PerTensor output;
  GLIMPSE_SDK_TRY(RequireLinearTypes(node));
  GLIMPSE_SDK_TRY(RequireQuantizedActivation(node.input, node.input_name, &input));
  const bool same_type = node.output_type == GLIMPSE_FLOAT32;
  GLIMPSE_SDK_TRY(RequireType(node.output, "output 0", same_type ? node.input.dtype() : node.output_type));
  GLIMPSE_SDK_TRY(RequireQuantizedActivation(node.output, "output 0", &output));
  *quantization = {input.zero_point, 0, output.zero_point, {}};
  bool per_channel = false;
  const bool asymmetric_int8 =
      node.asymmetric_int8_filter && node.filter.dtype() == GLIMPSE_INT8 && node.filter.scale_count() == 1;
  if (node.filter.dtype() == GLIMPSE_UINT8 || asymmetric_int8) {
    GLIMPSE_SDK_TRY(RequireAsymmetricFilter(node, &quantization->filter_zero_point));
  } else {
    GLIMPSE_SDK_TRY(RequireFilterQuantization(node.filter, node.channels, node.filter_axis, &per_channel));
  }
  GLIMPSE_SDK_TRY(RequireLinearBias(node));
  GLIMPSE_SDK_TRY(GetActivationRange(activation, output, &quantization->range, RangeOfType(node.output.dtype())));
  if (node.rounding == kernels::Rounding::kFloatHalfEven) {
    quantization->range = kernels::XnnpackActivationRange(static_cast<kernels::Activation>(activation), output.scale,
                                                          output.zero_point, RangeOfType(node.output.dtype()))
                              .value_or(quantization->range);
  }
  GLIMPSE_SDK_TRY(scales->Allocate(context, static_cast<size_t>(node.channels)));
  for (size_t o = 0; o < scales->size(); ++o) {
    (*scales)[o] = kernels::OutputScaleFor(node.rounding, input.scale, node.filter.scales()[per_channel ? o : 0],
                                           output.scale, node.product);
    GLIMPSE_SDK_TRY(RequireMultiplier((*scales)[o].real, "input scale * filter scale / output scale"));
  }
  return Ok();
}

Status RequireHybridWeights(const Tensor& weights, std::string_view what) {
  if (!weights.is_constant()) {
    return Unsupported(what, " '", weights.name(), "' are computed; with float activations they must be constant");
  }
  const auto content = weights.constant<int8_t>();
  if (std::find(content.begin(), content.end(), int8_t{-128}) == content.end()) return Ok();
  return Unsupported(what, " '", weights.name(), "' hold -128, with which the runtime computes wrong sums");
}

}  // namespace glimpse::ops
