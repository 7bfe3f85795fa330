// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/unary.h"

#include <limits>

#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {

Status RequireScaled(const Tensor& tensor, std::string_view what, PerTensor* quantization) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  if (tensor.dtype() != GLIMPSE_INT32) return RequirePerTensor(tensor, what, quantization);
  using Limits = std::numeric_limits<int32_t>;
  return RequireOneScale(tensor, what, {Limits::min(), Limits::max()}, quantization);
}

Status RequireQuantizedPair(const PrepareContext& context, PerTensor* input, PerTensor* output) {
  GLIMPSE_SDK_TRY(RequireScaled(context.input(0), "input 0", input));
  GLIMPSE_SDK_TRY(RequireScaled(context.output(0), "output 0", output));
  if (context.input(0).dtype() != GLIMPSE_INT16 || (input->zero_point == 0 && output->zero_point == 0)) return Ok();
  return InvalidNode("zero points are ", input->zero_point, " and ", output->zero_point, "; int16 must have 0");
}

Status RequireNormalScale(PerTensor output) {
  if (output.scale >= std::numeric_limits<float>::min()) return Ok();
  return Unsupported("output 0 has scale ", output.scale, "; XNNPACK takes none below 2^-126");
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
