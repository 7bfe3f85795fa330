// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/packed_conv.h"

namespace glimpse::ops {

Status RequirePackable(const Tensor& filter, const Tensor& bias) {
  if (filter.dtype() != GLIMPSE_INT8) return Unsupported("only int8 weights are packed, not ", filter.Describe());
  if (filter.constant<int8_t>().empty()) return Unsupported("only constant weights are packed");
  if (bias.present() && bias.constant<int32_t>().empty()) return Unsupported("only a constant int32 bias is packed");
  return Ok();
}

kernels::FilterView DenseFilter(const kernels::Conv2DParams& params, const int8_t* filter) {
  kernels::FilterView view;
  view.data = filter;
  view.column = params.input_depth;
  view.row = view.column * params.width.filter;
  view.output = view.row * params.height.filter;
  return view;
}

Status PackedConv::Prepare(PrepareContext& context, const kernels::PackedConv2DS8& kernel,
                           const kernels::Conv2DParams& params, const kernels::FilterView& filter, const Tensor& bias) {
  kernel_ = &kernel;
  const size_t bytes = kernel.packed_bytes(params, filter);
  if (bytes == 0) return Unsupported("this form of the operator is left to the reference kernel");
  GLIMPSE_SDK_TRY(packed_.Allocate(context, bytes));
  kernel.pack(params, filter, PackableBias(bias), packed_.data());
  GLIMPSE_SDK_TRY(packed_.Share(context));
  kernels::Conv2DParams run = params;
  run.linear.scales = nullptr;
  return division_.Prepare(
      context, run, [&](const kernels::Conv2DParams& part) { return kernel.scratch_bytes(part, packed_.data()); });
}

void PackedConv::Invoke(const sdk::InvokeContext& context, const int8_t* input, int8_t* output) const {
  division_.ForEach(context, [&](const kernels::Conv2DParams& part, void* scratch, size_t in, size_t out) {
    kernel_->run(part, packed_.data(), input + in, scratch, output + out);
  });
}

}  // namespace glimpse::ops
