// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/typed_checks.h"

#include <cmath>
#include <limits>

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
  if (!tensor.is_quantized()) {
    return InvalidNode(what, " '", tensor.name(), "' is ", tensor.Describe(), " without scale and zero point");
  }
  if (tensor.scale_count() != 1) {
    return Unsupported(what, " '", tensor.name(), "' has ", tensor.scale_count(), " scales; this kernel needs one");
  }
  const float scale = tensor.scale();
  const int64_t zero_point = tensor.zero_point();
  if (!(scale > 0) || !std::isfinite(scale)) return InvalidNode(what, " has scale ", scale, "; it must be positive");
  const kernels::ActivationRange range = RangeOfType(tensor.dtype());
  if (zero_point < range.min || zero_point > range.max) {
    return InvalidNode(what, " has zero point ", zero_point, "; it must be ", range.min, " to ", range.max);
  }
  *quantization = {scale, static_cast<int32_t>(zero_point)};
  return Ok();
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
  *min = std::numeric_limits<float>::lowest();
  *max = std::numeric_limits<float>::max();
  switch (activation) {
    case GLIMPSE_ACT_NONE:
      return Ok();
    case GLIMPSE_ACT_RELU:
      *min = 0;
      return Ok();
    case GLIMPSE_ACT_RELU6:
      *min = 0;
      *max = 6;
      return Ok();
    case GLIMPSE_ACT_RELU_N1_TO_1:
      *min = -1;
      *max = 1;
      return Ok();
    default:
      return Unsupported("fused_activation_function ", activation,
                         " is not supported; 0 (none), 1 (relu), 2 (relu -1 to 1) and 3 (relu6) are");
  }
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
