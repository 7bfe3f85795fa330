// SPDX-License-Identifier: Apache-2.0
// From a checked operator to a convolution with packed weights: what CONV_2D, DEPTHWISE_CONV_2D of one channel and
// FULLY_CONNECTED share when they are given a kernel of one instruction set.
#pragma once

#include <cstdint>

#include "glimpse/sdk.h"
#include "kernels/conv2d/conv2d_packed.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/row_division.h"

namespace glimpse::ops {

// Unsupported unless the weights are constant int8 and the bias, if any, constant int32: what is packed at prepare must
// not change.
Status RequirePackable(const Tensor& filter, const Tensor& bias);

// A filter [output_depth, height.filter, width.filter, input_depth], dense.
kernels::FilterView DenseFilter(const kernels::Conv2DParams& params, const int8_t* filter);

// The bias as a kernel takes it. REQUIRES: RequirePackable().
inline const int32_t* PackableBias(const Tensor& bias) {
  return bias.present() ? bias.constant<int32_t>().data() : nullptr;
}

// The memory of one such kernel. Worker-only.
class PackedConv {
 public:
  // Packs, after all checks of the operator. `params.linear.scales` is not needed afterwards. Unsupported for what the
  // kernel does not serve.
  Status Prepare(PrepareContext& context, const kernels::PackedConv2DS8& kernel, const kernels::Conv2DParams& params,
                 const kernels::FilterView& filter, const Tensor& bias);
  void Invoke(const sdk::InvokeContext& context) const {
    Invoke(context, context.input<int8_t>(0), context.output<int8_t>(0));
  }
  // The same on memory of the caller's.
  void Invoke(const sdk::InvokeContext& context, const int8_t* input, int8_t* output) const;

 private:
  const kernels::PackedConv2DS8* kernel_ = nullptr;
  sdk::Persistent<uint8_t> packed_;
  RowDivision<kernels::Conv2DParams> division_;
};

}  // namespace glimpse::ops
