// SPDX-License-Identifier: Apache-2.0
// MAX_POOL_2D on int8: a kernel that takes the place of another plugin's, operator by operator.
#pragma once

#include <array>
#include <cstdint>

#include "glimpse/sdk.h"

namespace example {

// out[n, y, x, c] = clamp(max of in[n, y * stride - pad + i, x * stride - pad + j, c], low, high), over the positions
// (i, j) of the filter that lie inside the picture. Tensors are [batch, height, width, channels]; input and output have
// the same scale and zero point, so quantized values are compared as they stand. low and high are the fused
// activation's bounds. Bit-exact in every numerics profile: nothing is rounded.
class MaxPool final : public glimpse::sdk::Kernel {
 public:
  glimpse::sdk::Status Prepare(glimpse::sdk::PrepareContext& context) override;
  glimpse::sdk::Status Invoke(const glimpse::sdk::InvokeContext& context) override;

 private:
  // One of the two directions in which the filter moves.
  struct Axis {
    int32_t in = 0, out = 0, filter = 0, stride = 0, pad = 0;
  };

  // Size of the output and padding before the first element, as TFLite defines SAME and VALID.
  static glimpse::sdk::Status PlanAxis(glimpse_padding padding, Axis& axis);
  // Sets low_ and high_ from the activation.
  glimpse::sdk::Status PlanActivation(glimpse_activation activation, const glimpse::sdk::Tensor& output);
  int8_t MaxAt(const int8_t* picture, int32_t y, int32_t x, int32_t c) const;

  int32_t batch_ = 0, channels_ = 0;
  Axis rows_, columns_;
  int8_t low_ = -128, high_ = 127;
};

}  // namespace example
