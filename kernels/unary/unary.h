// SPDX-License-Identifier: Apache-2.0
// Functions of one element: ABS, NEG, SIGN, FLOOR, CEIL, ROUND, SQUARE, SQRT, RSQRT, EXP, LOG, SIN, COS, ELU, GELU.
// The quantized ones are tables where they have one (kernels/quant/lookup.h).
//
// LiteRT's reference resolver lacks CEIL, ELU and ROUND: under profile litert-reference they are what LiteRT's one
// built-in kernel computes, which for ELU on int8 is the table of kernels/quant/lookup.h (TabulateReal).
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/lookup.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

enum class UnaryFunction {
  kAbs,
  kCeil,
  kCos,
  kElu,
  kEluMicro,  // exp(x) - 1 for x < 0: what TFLite Micro tabulates for int8
  kExp,
  kFloor,
  kGelu,             // x / 2 * erfc(-x / sqrt(2))
  kGeluApproximate,  // x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
  kLog,
  kNeg,
  kRound,       // ties to even
  kRoundMicro,  // the same, but 0 for what lies in [-0.5, 0), which is -0 above
  kRsqrt,
  kSign,
  kSin,
  kSqrt,
  kSquare,
};

// One float to another, by the C library and IEEE operations in the order written above. ABS, NEG, SIGN, FLOOR, CEIL,
// ROUND, SQUARE, SQRT are exact; the others within 1e-5 of the runtimes, whose approximations differ. Pure, reentrant.
// Source: TFLite, kernels/elementwise.cc, exp.cc, activations.cc, internal/reference/gelu.h.
float ValueOf(UnaryFunction function, float x);
void UnaryF32Ref(UnaryFunction function, int64_t count, const float* input, float* output);

// ABS, NEG, SIGN of integers, in which -min wraps to min. T: int8_t, int16_t, int32_t, int64_t. Output may be the same
// memory as input. Cannot fail. Reentrant, like all here.
template <typename T>
void UnaryIntRef(UnaryFunction function, int64_t count, const T* input, T* output);

// ABS on int8 and int16: clamp(zp_out + MultiplyDoubleRounding(|q - zp_in|, s_in / s_out)), or without the product for
// equal scales. The quotient in float by LiteRT, in double by TFLite Micro.
// Source: TFLite, kernels/elementwise.cc; TFLite Micro, kernels/elementwise.cc.
struct AbsParams {
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  bool rescale = false;
  FixedPointMultiplier multiplier;
};
AbsParams MakeAbs(Profile profile, PerTensor input, PerTensor output);
template <typename T>
T AbsOf(const AbsParams& params, int32_t q);

// RSQRT on int8 (and int16 in TFLite Micro): the largest number for q = zp_in, else zp_out + d * m, d being 2^20 /
// sqrt(q - zp_in) in fixed point and m 1 / (sqrt(s_in) * s_out) / 2^20, both by MultiplyDoubleRounding. LiteRT takes
// the root in float, TFLite Micro in double. Numbers below zp_in have none: the caller refuses them.
struct RsqrtParams {
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier multiplier;  // with the shift less 20, which is at least -31
};
// Nothing when the multiplier is below 2^-12 or above 2^30.
std::optional<RsqrtParams> MakeRsqrt(Profile profile, PerTensor input, PerTensor output);
template <typename T>
T RsqrtOf(const RsqrtParams& params, int32_t q);

// SQRT on int8 and int16: clamp(zp_out + trunc(sqrt(s_in * (q - zp_in)) / s_out)) in float. Below zp_in as RSQRT.
template <typename T>
T SqrtOf(PerTensor input, PerTensor output, int32_t q);

// LOG: what is not positive counts as the least number that the output holds. For TabulateReal and TabulateWords.
template <typename T>
float LogFloor(PerTensor output) {
  return static_cast<float>(std::numeric_limits<T>::min() - output.zero_point) * output.scale;
}

}  // namespace glimpse::kernels
