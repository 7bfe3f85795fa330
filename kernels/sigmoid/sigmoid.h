// SPDX-License-Identifier: Apache-2.0
// LOGISTIC and TANH on quantized numbers. LiteRT's 8-bit forms are tables (kernels/quant/lookup.h) of the float
// functions below; here is what the runtimes compute in fixed point.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/lookup.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

enum class Sigmoid { kLogistic, kTanh };

// 1 / (1 + exp(-x)) or tanh(x), in float by the C library.
float SigmoidOf(Sigmoid function, float x);

// TFLite Micro on int8: input in Q4.27, gemmlowp's logistic function or its tanh, rounded to Q0.8 or Q0.7. The output's
// scale is taken to be 1/256 (zero point -128) or 1/128 (zero point 0), whatever the model says. Nothing when
// s_in < 2^-27. Pure, reentrant.
// Source: TFLite, kernels/internal/reference/integer_ops/logistic.h and tanh.h; TFLite Micro,
// kernels/logistic_common.cc and tanh.cc.
std::optional<ByteTable> SigmoidMicroS8(Sigmoid function, PerTensor input);

// int16, output scale 2^-15: the stored number times `multiplier`, with `shift` bits dropped after rounding, is a
// position in a table of 1 / (1 + exp(-x / 24)) of 256 samples, between which straight lines run; beyond, it saturates.
// A scale that is a power of two has multiplier 3 * 2^n and shift 0, where the position is exact.
// Source: as above, with kernels/activations.cc (the multiplier). Exactness: LiteRT's reference kernels and TFLite
// Micro.
struct SigmoidS16Params {
  int32_t multiplier = 0;
  int shift = 0;
  bool power_of_two = false;
};
// Nothing when the multiplier does not fit in int32: input_scale of 174762 and above.
std::optional<SigmoidS16Params> MakeSigmoidS16(Sigmoid function, float input_scale);
// Whether TFLite takes `scale` for a power of two: |log2(scale) - n| < 0.001 in float; `exponent` gets n.
bool IsPowerOfTwo(float scale, int* exponent);

// Shapes: `count` elements each. Output may be the same memory as input. Cannot fail. Reentrant.
void LogisticS16Ref(SigmoidS16Params params, int64_t count, const int16_t* input, int16_t* output);
void TanhS16Ref(SigmoidS16Params params, int64_t count, const int16_t* input, int16_t* output);

// LiteRT's optimised kernels, which profile litert-xnnpack has, for scales 2^-12 (and 2^-11 for TANH): the function of
// gemmlowp in 16 bits, input in Q3.12, output in Q0.15. `shift` is 1 for 2^-11, else 0. As above.
void SigmoidOptimisedS16Ref(Sigmoid function, int shift, int64_t count, const int16_t* input, int16_t* output);

void SigmoidF32Ref(Sigmoid function, int64_t count, const float* input, float* output);

}  // namespace glimpse::kernels
