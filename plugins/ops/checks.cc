// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/checks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace glimpse::ops {

Status GetProfile(const PrepareContext& context, kernels::Profile* profile) {
  const auto known = kernels::ProfileFromName(context.numerics());
  if (!known) return Unsupported("numerics '", context.numerics(), "' is not known to this plugin");
  *profile = *known;
  return Ok();
}

Status RequireType(const Tensor& tensor, std::string_view what, glimpse_dtype type) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  if (tensor.dtype() == type) return Ok();
  return Unsupported(what, " '", tensor.name(), "' is ", tensor.Describe(), "; this kernel needs ",
                     sdk::DtypeName(type));
}

Status RequireRank(const Tensor& tensor, std::string_view what, uint32_t min, uint32_t max) {
  if (tensor.rank() >= min && tensor.rank() <= max) return Ok();
  if (min == max) return InvalidNode(what, " is ", tensor.Describe(), "; it must have rank ", min);
  return InvalidNode(what, " is ", tensor.Describe(), "; its rank must be ", min, " to ", max);
}

Status RequireElements(const Tensor& tensor, std::string_view what) {
  for (const int32_t dim : tensor.dims()) {
    if (dim < 1) return Unsupported(what, " is ", tensor.Describe(), "; a tensor without elements is not computed");
  }
  return Ok();
}

Status RequireOneScale(const Tensor& tensor, std::string_view what, kernels::ActivationRange zero_points,
                       kernels::PerTensor* quantization) {
  if (!tensor.is_quantized()) {
    return InvalidNode(what, " '", tensor.name(), "' is ", sdk::DtypeName(tensor.dtype()),
                       " without scale and zero point");
  }
  if (tensor.scale_count() != 1) {
    return Unsupported(what, " '", tensor.name(), "' has ", tensor.scale_count(), " scales; this kernel needs one");
  }
  const float scale = tensor.scale();
  const int64_t zero_point = tensor.zero_point();
  if (!(scale > 0) || !std::isfinite(scale)) return InvalidNode(what, " has scale ", scale, "; it must be positive");
  if (zero_point < zero_points.min || zero_point > zero_points.max) {
    return InvalidNode(what, " has zero point ", zero_point, "; it must be ", zero_points.min, " to ", zero_points.max);
  }
  *quantization = {scale, static_cast<int32_t>(zero_point)};
  return Ok();
}

Status RequireInt8(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization) {
  GLIMPSE_SDK_TRY(RequireType(tensor, what, GLIMPSE_INT8));
  return RequireOneScale(tensor, what, {-128, 127}, quantization);
}

Status RequireSameQuantization(kernels::PerTensor input, kernels::PerTensor output) {
  if (input.scale == output.scale && input.zero_point == output.zero_point) return Ok();
  return Unsupported("input has scale ", input.scale, " and zero point ", input.zero_point, ", output ", output.scale,
                     " and ", output.zero_point, "; this operator does not rescale, they must be equal");
}

Status GetIndices(const Tensor& tensor, std::string_view what, std::vector<int64_t>* values) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  if (tensor.dtype() != GLIMPSE_INT32 && tensor.dtype() != GLIMPSE_INT64) {
    return InvalidNode(what, " is ", tensor.Describe(), "; it must be int32 or int64");
  }
  if (!tensor.is_constant())
    return Unsupported(what, " '", tensor.name(), "' is computed at run time; it must be constant");
  if (tensor.dtype() == GLIMPSE_INT32) {
    const auto content = tensor.constant<int32_t>();
    values->assign(content.begin(), content.end());
  } else {
    const auto content = tensor.constant<int64_t>();
    values->assign(content.begin(), content.end());
  }
  if (static_cast<int64_t>(values->size()) != tensor.element_count()) {
    return InvalidNode(what, " is ", tensor.Describe(), " but has ", values->size(), " elements of content");
  }
  return Ok();
}

Status NormaliseAxis(int64_t axis, uint32_t rank, std::string_view what, uint32_t* normalised) {
  const auto limit = static_cast<int64_t>(rank);
  if (axis < -limit || axis >= limit) {
    return InvalidNode(what, " is ", axis, "; for rank ", rank, " it must be ", -limit, " to ", limit - 1);
  }
  *normalised = static_cast<uint32_t>(axis < 0 ? axis + limit : axis);
  return Ok();
}

Status CheckSize(std::span<const int64_t> dims, size_t element_bytes, std::string_view what) {
  if (dims.size() > GLIMPSE_MAX_RANK) {
    return Unsupported(what, " would have rank ", dims.size(), "; at most ", GLIMPSE_MAX_RANK, " is supported");
  }
  // Zeros do not excuse the other dimensions: strides are made of them.
  auto left = static_cast<int64_t>(std::numeric_limits<ptrdiff_t>::max()) / static_cast<int64_t>(element_bytes);
  for (const int64_t dim : dims) {
    if (dim < 0 || dim > std::numeric_limits<int32_t>::max())
      return InvalidNode(what, " would have a dimension of ", dim);
    left /= std::max<int64_t>(dim, 1);
  }
  if (left < 1) return InvalidNode(what, " would be too large for memory");
  return Ok();
}

Status SetShape(PrepareContext& context, uint32_t output, std::span<const int64_t> dims, size_t element_bytes) {
  GLIMPSE_SDK_TRY(CheckSize(dims, element_bytes, "the output"));
  std::vector<int32_t> narrow;
  for (const int64_t dim : dims) narrow.push_back(static_cast<int32_t>(dim));
  return context.SetOutputShape(output, narrow);
}

Status GetActivationRange(glimpse_activation activation, kernels::PerTensor output, kernels::ActivationRange* range,
                          kernels::ActivationRange type) {
  if (activation > static_cast<uint32_t>(kernels::Activation::kRelu6)) {
    return Unsupported("fused_activation_function ", activation,
                       " is not supported; 0 (none), 1 (relu), 2 (relu -1 to 1) and 3 (relu6) are");
  }
  const auto found = kernels::QuantizedActivationRange(static_cast<kernels::Activation>(activation), output.scale,
                                                       output.zero_point, type);
  if (!found) {
    return Unsupported("fused_activation_function ", activation, ": its bound divided by the output's scale, ",
                       output.scale, ", is no 32-bit integer; a scale of at least 1e-8 is needed");
  }
  *range = *found;
  return Ok();
}

Status GetWindowAxis(std::string_view axis, int64_t input, int64_t filter, int64_t stride, int64_t dilation,
                     glimpse_padding padding, kernels::WindowAxis* result) {
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (input < 1 || filter < 1)
    return Unsupported(axis, " is ", input, ", filter ", filter, "; both must be at least 1");
  if (stride < 1 || dilation < 1)
    return InvalidNode(axis, ": stride ", stride, " and dilation ", dilation, " must be at least 1");
  if (padding != GLIMPSE_PADDING_SAME && padding != GLIMPSE_PADDING_VALID) return InvalidNode("padding is ", padding);
  const int64_t reach = (filter - 1) * dilation + 1;  // inputs between a window's first and last
  if (reach > kMax || stride > kMax)
    return Unsupported(axis, ": filter ", filter, " with dilation ", dilation, " is too large");
  int64_t output = (input + stride - 1) / stride;
  int64_t pad_before = 0;
  if (padding == GLIMPSE_PADDING_SAME) {
    pad_before = std::max<int64_t>((output - 1) * stride + reach - input, 0) / 2;
  } else {
    if (reach > input) {
      return InvalidNode(axis, ": a filter of ", filter, " with dilation ", dilation, " does not fit into an input of ",
                         input, " without padding");
    }
    output = (input - reach) / stride + 1;
  }
  if (input + reach + pad_before + stride > kMax)
    return Unsupported(axis, ": sizes up to ", input + reach, " are too large");
  *result = {static_cast<int32_t>(input),  static_cast<int32_t>(filter),   static_cast<int32_t>(output),
             static_cast<int32_t>(stride), static_cast<int32_t>(dilation), static_cast<int32_t>(pad_before)};
  return Ok();
}

Status RequireFilterQuantization(const Tensor& filter, int32_t channels, int32_t axis, bool* per_channel) {
  constexpr std::string_view kWhat = "input 1 (filter)";
  if (!filter.is_quantized()) return InvalidNode(kWhat, " '", filter.name(), "' is int8 without scale");
  const uint32_t count = filter.scale_count();
  if (count != 1 && (count != static_cast<uint32_t>(channels) || filter.quant_axis() != axis)) {
    return InvalidNode(kWhat, " has ", count, " scales along dimension ", filter.quant_axis(), "; it must have 1, or ",
                       channels, " along dimension ", axis);
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!(filter.scales()[i] > 0) || !std::isfinite(filter.scales()[i])) {
      return InvalidNode(kWhat, ": scale ", i, " is ", filter.scales()[i], "; it must be positive");
    }
    if (filter.zero_points()[i] != 0) {
      return Unsupported(kWhat, ": zero point ", i, " is ", filter.zero_points()[i], "; int8 weights must have 0");
    }
  }
  *per_channel = count > 1;
  return Ok();
}

Status RequireMultiplier(double real, std::string_view what) {
  if (real >= 0 && real < static_cast<double>(1 << 30)) return Ok();
  return Unsupported(what, " is ", real, "; it must be below 2^30: check the scales of inputs and output");
}

}  // namespace glimpse::ops
