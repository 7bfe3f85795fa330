// SPDX-License-Identifier: Apache-2.0
// RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1, LEAKY_RELU and PRELU on int8, uint8 and int16, and in float.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/lookup.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// Bounds of the family, real numbers: RELU {0, infinity}, RELU6 {0, 6}, RELU_N1_TO_1 {-1, 1}, RELU_0_TO_1 {0, 1}.
struct ReluBounds {
  float low = 0;
  float high = std::numeric_limits<float>::infinity();
};

// One stored number q of type T (int8_t, uint8_t, int16_t) to another:
// clamp(zp_out + MultiplyDoubleRounding(q - zp_in, m)) to [min, max], or, when not rescaled, clamp(q) to [min, max].
struct ReluParams {
  bool rescale = true;
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier multiplier;
  int32_t min = 0;
  int32_t max = 0;
};

// m is s_in / s_out, divided in float by LiteRT and in double by TFLite Micro; min is zp_out + round(low / s_out), max
// likewise, the quotients in float, ties away from zero, within the range of T. TFLite Micro's RELU6 does not rescale:
// min is zp_in, max zp_in + round(6 / s_in), and the output's scale and zero point play no part. Pure, reentrant.
// Source: TFLite, kernels/activations.cc (QuantizedReluX); TFLite Micro, kernels/activations_common.cc.
// Exactness: all three profiles; LiteRT's XNNPACK delegate does not take the quantized operators.
template <typename T>
ReluParams MakeRelu(Profile profile, ReluBounds bounds, PerTensor input, PerTensor output);

// LEAKY_RELU: clamp(zp_out + MultiplyDoubleRounding(q - zp_in, m)), m being s_in / s_out for q >= zp_in and
// s_in * alpha / s_out below, in float by LiteRT and in double by TFLite Micro. A negative alpha changes the sign of
// the multiplier before it is rounded. Profile litert-xnnpack, int8 and uint8: zp_out + floor((256 * m' * (q - zp_in) +
// 128) / 256), m' being the same quotient in float rounded to a multiple of 1/256, ties to even. The delegate takes the
// operator only when 2^-8 <= s_in / s_out
// <= 2^7 and 2^-8 <= |s_in * alpha / s_out|, -127.99609375 <= s_in * alpha / s_out <= 2^7; else, and for int16, the
// values are those of LiteRT's reference kernels.
//
// Source: TFLite, kernels/internal/reference/leaky_relu.h, kernels/activations.cc; TFLite Micro,
// kernels/leaky_relu_common.cc; XNNPACK, qs8-vlrelu.
struct LeakyReluParams {
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier identity;
  FixedPointMultiplier below;  // of |s_in * alpha / s_out|
  bool negative_below = false;
  bool coarse = false;  // XNNPACK: the two factors below count, in 1/256
  int32_t identity_256 = 0;
  int32_t below_256 = 0;
};
template <typename T>
LeakyReluParams MakeLeakyRelu(Profile profile, PerTensor input, PerTensor output, float alpha);

// Value of the function for one stored number of type T.
template <typename T>
T ReluOf(const ReluParams& p, int32_t q);
template <typename T>
T LeakyReluOf(const LeakyReluParams& p, int32_t q);

// The same for `count` int16 numbers. Output may be the same memory as input. Cannot fail. Reentrant.
void ReluS16Ref(const ReluParams& params, int64_t count, const int16_t* input, int16_t* output);
void LeakyReluS16Ref(const LeakyReluParams& params, int64_t count, const int16_t* input, int16_t* output);

// min(max(x, low), high) and x > 0 ? x : x * alpha: exact, but that XNNPACK
// makes subnormal numbers 0. Else as above.
void ReluF32Ref(ReluBounds bounds, int64_t count, const float* input, float* output);
void LeakyReluF32Ref(float alpha, int64_t count, const float* input, float* output);

// PRELU: out = in for in >= 0, in * alpha below, alpha broadcast to the input's shape of rank 4. Quantized:
// clamp(zp_out + MultiplyDoubleRounding(q - zp_in, s_in / s_out)), or of (q - zp_in) * (alpha - zp_alpha) with
// s_in * s_alpha / s_out; quotients in float by LiteRT, in double by TFLite Micro. In int16 LiteRT 2.3 takes alpha's
// low byte, as a signed number, for alpha: so do we. Source: TFLite, kernels/internal/reference/prelu.h; TFLite Micro,
// kernels/prelu_common.cc.
struct PreluParams {
  int32_t dims[4] = {1, 1, 1, 1};           // of input and output
  int64_t alpha_strides[4] = {0, 0, 0, 0};  // elements, 0 where alpha is broadcast
  int32_t input_zero_point = 0;
  int32_t alpha_zero_point = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier identity;
  FixedPointMultiplier below;
};
// The two quotients, as the runtime's types divide them.
struct PreluScales {
  double identity = 1;
  double below = 1;
};
PreluScales MakePreluScales(Profile profile, float input_scale, float alpha_scale, float output_scale);
// Shapes: input and output params.dims. Output may be the same memory as input. T: int8_t, uint8_t, int16_t, float
// (exact). Cannot fail. Reentrant.
template <typename T>
void PreluRef(const PreluParams& params, const T* input, const T* alpha, T* output);

}  // namespace glimpse::kernels
