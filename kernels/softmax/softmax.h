// SPDX-License-Identifier: Apache-2.0
// SOFTMAX over the last dimension: exp(beta * x[c]) / sum over the row.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/lookup.h"
#include "kernels/quant/profile.h"

namespace glimpse::kernels {

// Shapes of all kernels here: input and output [rows, depth]. Preconditions: rows >= 0, depth >= 1. Output may be the
// same memory as input where the types have one size. Cannot fail. Reentrant. The input's zero point does not matter:
// only differences do.

struct SoftmaxParams {
  int64_t rows = 1;
  int32_t depth = 1;
  FixedPointMultiplier multiplier;  // beta * input scale in Q5.26, shift in [0, 31]
  int32_t diff_min = 0;             // differences to the row's maximum below this one count as exp = 0
};

// multiplier and diff_min for beta and the input's scale; nothing when beta * input_scale is not above 2^-26, where
// TFLite gives up. Reentrant. Source: TFLite, kernels/internal/quantization_util.cc (PreprocessSoftmaxScaling,
// CalculateInputRadius).
std::optional<SoftmaxParams> SoftmaxScaling(float beta, float input_scale);

// In (int8_t, uint8_t) to Out (the same, or int16_t) of b bits: out[c] = clamp(min + round(2^b * exp(beta * s_in *
// (in[c] - max)) / sum)), min the least Out, everything in fixed point: differences in Q5.26, exponentials in Q0.31,
// their sum in Q12.19, saturating: TFLite ends the program where the quotient would be shifted by more than 31 bits
// (sums of 512 and above for 8 bits), here that gives min.
//
// Exactness: LiteRT 2.3 with reference kernels, TFLite Micro. Source: TFLite, kernels/internal/reference/softmax.h;
// gemmlowp, fixedpoint/fixedpoint.h.
template <typename In, typename Out>
void SoftmaxRef(const SoftmaxParams& params, const In* input, Out* output);

// The same types as LiteRT's optimised kernels compute them, which profile litert-xnnpack has: exp(-beta * s_in * d)
// for d = 0 to 255 in float by the C library, added up in the row's order in float, then round(table[d] * (1 / (sum *
// s_out))) + zp_out, ties away from zero; uint8 to uint8 instead adds 0.5, truncates, and has no zero point.
// Source: TFLite, kernels/internal/optimized/optimized_ops.h.
struct SoftmaxTable {
  std::array<float, 256> exponentials{};  // of -d
  float output_scale = 1;
  int32_t output_zero_point = 0;
};
SoftmaxTable MakeSoftmaxTable(float beta, float input_scale, PerTensor output);
template <typename In, typename Out>
void SoftmaxOptimisedRef(const SoftmaxTable& table, int64_t rows, int32_t depth, const In* input, Out* output);

// int16 to int16, output scale 2^-15: differences scaled so that 65535 steps are 10, exponentials from a table over
// [-10, 0], their sum's reciprocal from a table of 1 / (1 + x) over [0, 1], both made in double, by TFLite Micro in
// float (TabulateWords); the products are rounded half up. Exactness: all three profiles. Source: TFLite,
// kernels/internal/reference/softmax.h (SoftmaxInt16), activations.cc.
struct SoftmaxS16Params {
  FixedPointMultiplier multiplier;
  WordTable exponential{};
  WordTable reciprocal{};
};
// beta * input_scale in float by LiteRT, in double by TFLite Micro.
SoftmaxS16Params MakeSoftmaxS16(Profile profile, float beta, float input_scale);
void SoftmaxS16Ref(const SoftmaxS16Params& params, int64_t rows, int32_t depth, const int16_t* input, int16_t* output);

// In float, by the C library's exp; within 1e-5 of the runtimes.
void SoftmaxF32Ref(float beta, int64_t rows, int32_t depth, const float* input, float* output);

}  // namespace glimpse::kernels
