// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/typed_checks.h"

#include <cmath>

#include "kernels/quant/linear_output.h"

namespace glimpse::ops {

bool IsQuantizedType(glimpse_dtype dtype) {
  return dtype == GLIMPSE_INT8 || dtype == GLIMPSE_UINT8 || dtype == GLIMPSE_INT16;
}

kernels::ActivationRange RangeOfType(glimpse_dtype dtype) {
  if (dtype == GLIMPSE_UINT8) return {0, 255};
  if (dtype == GLIMPSE_INT16) return {-32768, 32767};
  return {-128, 127};
}

Status RequirePerTensor(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  if (!IsQuantizedType(tensor.dtype())) {
    return Unsupported(what, " '", tensor.name(), "' is ", tensor.Describe(), "; int8, uint8 and int16 are served");
  }
  return RequireOneScale(tensor, what, RangeOfType(tensor.dtype()), quantization);
}

Status RequireNearlySameQuantization(kernels::PerTensor input, kernels::PerTensor output) {
  if (std::abs(input.scale - output.scale) <= 1e-6F)
    return RequireSameQuantization({1, input.zero_point}, {1, output.zero_point});
  return RequireSameQuantization(input, output);
}

Status RefuseForMicro(kernels::Profile profile, std::string_view what) {
  if (profile != kernels::Profile::kTfliteMicro) return Ok();
  return Unsupported("TFLite Micro has no kernel for ", what);
}

Status GetXnnpackActivationRange(glimpse_activation activation, kernels::PerTensor output,
                                 kernels::ActivationRange* range, kernels::ActivationRange type) {
  const auto found = kernels::XnnpackActivationRange(static_cast<kernels::Activation>(activation), output.scale,
                                                     output.zero_point, type);
  if (!found) return Unsupported("fused_activation_function ", activation, " is not supported by XNNPACK");
  *range = *found;
  return Ok();
}

Status GetFloatActivationRange(glimpse_activation activation, float* min, float* max) {
  if (activation > GLIMPSE_ACT_RELU6) {
    return Unsupported("fused_activation_function ", activation,
                       " is not supported; 0 (none), 1 (relu), 2 (relu -1 to 1) and 3 (relu6) are");
  }
  const kernels::FloatRange range = kernels::FloatActivationRange(static_cast<kernels::Activation>(activation));
  *min = range.min;
  *max = range.max;
  return Ok();
}

uint64_t SaturatedProduct(std::initializer_list<uint64_t> factors) {
  uint64_t product = 1;
  for (const uint64_t factor : factors) {
    if (factor != 0 && product > UINT64_MAX / factor) return UINT64_MAX;
    product *= factor;
  }
  return product;
}

}  // namespace glimpse::ops
