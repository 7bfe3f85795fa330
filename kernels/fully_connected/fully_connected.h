// SPDX-License-Identifier: Apache-2.0
// FULLY_CONNECTED on int8.
#pragma once

#include <cstdint>

#include "kernels/quant/profile.h"

namespace glimpse::kernels {

struct FullyConnectedParams {
  int32_t batches = 1;
  int32_t input_depth = 1;
  int32_t output_depth = 1;
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
  const OutputScale* scales = nullptr;  // output_depth of them
};

// Matrix product, each output element requantised by the rule that its scale names:
//     out[b,o] = clamp(zp_out + Requantize(bias[o] + sum (in[b,d] - zp_in) * w[o,d], scales[o]))
// Runtimes differ here: LiteRT's reference kernels round a product of doubles, TFLite Micro double-rounds in fixed
// point. Shapes: input [batches, input_depth], filter [output_depth, input_depth], bias [output_depth] or nullptr,
// output [batches, output_depth]; dense, last dimension fastest. Ranges: zero points in [-128, 127], filter zero point
// 0, scales as OutputScaleFor makes them. The accumulator and the addition of zp_out wrap modulo 2^32. Preconditions:
// validated parameters. No reads or writes outside of the shapes; output overlaps no input. Cannot fail. Reentrant.
// Exactness: LiteRT 2.3 with reference kernels (Rounding::kRealHalfAway), TFLite Micro (kDouble). Source: TFLite,
// kernels/internal/reference/integer_ops/fully_connected.h; arXiv:1712.05877.
void FullyConnectedS8Ref(const FullyConnectedParams& params, const int8_t* input, const int8_t* filter,
                         const int32_t* bias, int8_t* output);

}  // namespace glimpse::kernels
