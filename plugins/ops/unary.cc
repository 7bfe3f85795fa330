// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/unary.h"

#include <cmath>
#include <limits>

namespace glimpse::ops {
namespace {

template <typename T>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

bool InRange(glimpse_dtype dtype, int64_t zero_point) {
  switch (dtype) {
    case GLIMPSE_INT8:
      return Fits<int8_t>(zero_point);
    case GLIMPSE_UINT8:
      return Fits<uint8_t>(zero_point);
    case GLIMPSE_INT16:
      return Fits<int16_t>(zero_point);
    default:
      return Fits<int32_t>(zero_point);
  }
}

}  // namespace

Status RequireScaled(const Tensor& tensor, std::string_view what, PerTensor* quantization) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  const glimpse_dtype dtype = tensor.dtype();
  if (dtype != GLIMPSE_INT8 && dtype != GLIMPSE_UINT8 && dtype != GLIMPSE_INT16 && dtype != GLIMPSE_INT32) {
    return Unsupported(what, " '", tensor.name(), "' is ", tensor.Describe(), ", which has no quantized form here");
  }
  if (!tensor.is_quantized()) {
    return InvalidNode(what, " '", tensor.name(), "' is ", sdk::DtypeName(dtype), " without scale and zero point");
  }
  if (tensor.scale_count() != 1) {
    return Unsupported(what, " '", tensor.name(), "' has ", tensor.scale_count(), " scales; this kernel needs one");
  }
  const float scale = tensor.scale();
  const int64_t zero_point = tensor.zero_point();
  if (!(scale > 0) || !std::isfinite(scale)) return InvalidNode(what, " has scale ", scale, "; it must be positive");
  if (!InRange(dtype, zero_point)) {
    return InvalidNode(what, " has zero point ", zero_point, ", which is no ", sdk::DtypeName(dtype));
  }
  *quantization = {scale, static_cast<int32_t>(zero_point)};
  return Ok();
}

Status RequireQuantizedPair(const PrepareContext& context, PerTensor* input, PerTensor* output) {
  GLIMPSE_SDK_TRY(RequireScaled(context.input(0), "input 0", input));
  GLIMPSE_SDK_TRY(RequireScaled(context.output(0), "output 0", output));
  if (context.input(0).dtype() != GLIMPSE_INT16 || (input->zero_point == 0 && output->zero_point == 0)) return Ok();
  return InvalidNode("zero points are ", input->zero_point, " and ", output->zero_point, "; int16 must have 0");
}

Status RefuseInMicro(const PrepareContext& context, Profile profile, std::string_view what) {
  if (profile != Profile::kTfliteMicro) return Ok();
  return Unsupported("TFLite Micro has no ", context.op().name(), what);
}

Status UnaryOp::Prepare(PrepareContext& context) {
  const Tensor input = context.input(0);
  if (!input.present()) return InvalidNode("input 0 is missing");
  GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", input.dtype()));
  Profile profile;
  GLIMPSE_SDK_TRY(GetProfile(context, &profile));
  form_ = Form::kCompute;
  GLIMPSE_SDK_TRY(Choose(context, profile, input.dtype()));
  count_ = input.element_count();
  GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
  GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
  return context.ReportWork(0, static_cast<uint64_t>(count_));
}

Status UnaryOp::Invoke(const sdk::InvokeContext& context) {
  if (form_ == Form::kBytes) {
    kernels::LookUpBytesRef(bytes_, count_, context.input<uint8_t>(0), context.output<uint8_t>(0));
    return Ok();
  }
  if (form_ == Form::kWords) {
    kernels::LookUpWordsRef(words_, count_, context.input<int16_t>(0), context.output<int16_t>(0));
    return Ok();
  }
  return Compute(context);
}

Status UnaryOp::Compute(const sdk::InvokeContext&) { return {GLIMPSE_INTERNAL, "nothing computes this type"}; }

}  // namespace glimpse::ops
