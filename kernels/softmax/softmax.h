// SPDX-License-Identifier: Apache-2.0
// SOFTMAX on int8.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

struct SoftmaxParams {
  int64_t rows = 1;
  int32_t depth = 1;
  FixedPointMultiplier multiplier;  // beta * input scale in Q5.26, shift in [0, 31]
  int32_t diff_min = 0;             // differences to the row's maximum below this one count as exp = 0
};

// multiplier and diff_min for beta and the input's scale; nothing when beta * input_scale is not above 2^-26, where
// TFLite gives up. The input's zero point does not matter: only differences do. Reentrant.
std::optional<SoftmaxParams> SoftmaxScaling(float beta, float input_scale);

// For each row: out[c] = clamp(-128 + round(256 * exp(beta * s_in * (in[c] - max)) / sum over the row)), everything in
// fixed point: differences in Q5.26, exponentials in Q0.31, their sum in Q12.19 (saturating: TFLite ends the program at
// sums of 512 and above, here they give -128). The output's scale is 1/256, its zero point -128. Shapes: input and
// output [rows, depth]. Preconditions: rows >= 0, depth >= 1, params from SoftmaxScaling. Output may be the same memory
// as input. Cannot fail. Reentrant. Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source: TFLite,
// kernels/internal/reference/softmax.h, kernels/internal/quantization_util.cc (PreprocessSoftmaxScaling,
// CalculateInputRadius); gemmlowp, fixedpoint/fixedpoint.h.
void SoftmaxS8Ref(const SoftmaxParams& params, const int8_t* input, int8_t* output);

}  // namespace glimpse::kernels
