// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/broadcast.h"

#include <cmath>
#include <limits>
#include <vector>

namespace glimpse::ops {

std::string TypeNames(TypeBits types) {
  std::string names;
  for (glimpse_dtype dtype = 0; dtype < 64; ++dtype) {
    if ((types & GLIMPSE_DTYPE_BIT(dtype)) == 0) continue;
    if (!names.empty()) names += ", ";
    names += sdk::DtypeName(dtype);
  }
  return names;
}

Status SetBroadcastOutput(PrepareContext& context, int rank, const int32_t* dims) {
  // TFLite Micro copies 8 dimensions into fewer places, and computes with what is there.
  if (rank >= 8 && context.numerics() == "tflite-micro") {
    return Unsupported("the output would have rank ", rank, "; with tflite-micro at most 7 is supported");
  }
  const std::vector<int64_t> shape(dims, dims + rank);
  const glimpse_dtype dtype = context.output(0).dtype();
  GLIMPSE_SDK_TRY(SetShape(context, 0, shape, sdk::DtypeBytes(dtype)));
  uint64_t count = 1;
  for (const int64_t dim : shape) count *= static_cast<uint64_t>(dim);
  const uint32_t inputs = context.op().input_count();
  for (uint32_t i = 0; i < inputs; ++i) {
    const Tensor input = context.input(i);
    if (input.dtype() == dtype && static_cast<uint64_t>(input.element_count()) == count) {
      GLIMPSE_SDK_TRY(context.AllowAlias(i, 0));
    }
  }
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return context.ReportWork(0, count <= kMost / (inputs + 1) ? (inputs + 1) * count : kMost);
}

Status RequireQuantized(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization,
                        kernels::ActivationRange* type) {
  kernels::ActivationRange range;
  switch (tensor.dtype()) {
    case GLIMPSE_INT8:
      break;
    case GLIMPSE_UINT8:
      range = {0, std::numeric_limits<uint8_t>::max()};
      break;
    case GLIMPSE_INT16:
      range = {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
      break;
    default:
      return Unsupported(what, " '", tensor.name(), "' is ", tensor.Describe(), "; it must be int8, uint8 or int16");
  }
  if (type != nullptr) *type = range;
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
  if (zero_point < range.min || zero_point > range.max) {
    return InvalidNode(what, " has zero point ", zero_point, "; it must be ", range.min, " to ", range.max);
  }
  *quantization = {scale, static_cast<int32_t>(zero_point)};
  return Ok();
}

}  // namespace glimpse::ops
