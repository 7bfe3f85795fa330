// SPDX-License-Identifier: Apache-2.0
// Which runtime is reproduced, and which rule that runtime uses to bring an int32 accumulator to its int8 output.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

// A named runtime. "Same as TFLite" is not one answer: these round differently.
enum class Profile {
  kLitertReference,  // "litert-reference": LiteRT 2.3 with reference kernels
  kTfliteMicro,      // "tflite-micro": TFLite Micro's portable kernels
  kLitertXnnpack,    // "litert-xnnpack": LiteRT 2.3 with its default XNNPACK delegate, as its wheel computes on x86_64
};

// The profile of that name; nothing when there is none. Reentrant.
std::optional<Profile> ProfileFromName(std::string_view numerics);

// How an accumulator is multiplied by its effective scale and rounded to an integer, before the output's zero point is
// added.
enum class Rounding {
  kDouble,         // fixed point, rounded twice: MultiplyDoubleRounding
  kHalfUp,         // fixed point, rounded twice, the second time half up: LiteRT's optimised kernels without a delegate
  kRealHalfAway,   // round(double(acc) * double scale), ties away from zero
  kFloatHalfEven,  // rint(float(acc) * float scale), ties to even
};

// "double rounding", for messages and tables.
std::string_view RoundingName(Rounding rounding);

// The rule of profile `numerics` for the operator `op` ("CONV_2D", with or without "tflite." before it). Nothing when
// the profile is unknown or the operator is none of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED. Measured against
// the runtimes themselves; tests/oracle repeats it.
std::optional<Rounding> RoundingFor(std::string_view numerics, std::string_view op);

// Scale of one output channel in every form that a rule needs.
struct OutputScale {
  Rounding rounding = Rounding::kDouble;
  double real = 0;             // the effective scale as the runtime computes it
  FixedPointMultiplier fixed;  // of `real`; for kDouble and kHalfUp
  float single = 0;            // for kFloatHalfEven
};

// In which type a runtime multiplies the two scales before it divides, in double, by the third. Operators with one
// scale a tensor (uint8) do so in float, those with one a channel in double.
enum class ScaleProduct { kDouble, kFloat };

// Effective scale input_scale * filter_scale / output_scale in the forms that `rounding` needs: the product as
// `product` says, and all in float for kFloatHalfEven, each operation rounded. Preconditions: positive finite scales.
OutputScale OutputScaleFor(Rounding rounding, float input_scale, float filter_scale, float output_scale,
                           ScaleProduct product = ScaleProduct::kDouble);
// The same with the rule of operator `op` under profile `numerics`. REQUIRES: RoundingFor(numerics, op).
OutputScale OutputScaleFor(std::string_view numerics, std::string_view op, float input_scale, float filter_scale,
                           float output_scale);

// `acc` times the scale, rounded by its rule; without zero point and clamp. A result outside of int32 becomes -2^31, as
// the conversion instruction of the x86-64 wheels gives it. Reentrant.
int32_t Requantize(int32_t acc, const OutputScale& scale);
// The same for a sum of 64 bits. kDouble stands for MultiplyReduced, which is what the runtimes that double-round sums
// of 32 bits do with these; kHalfUp and kFloatHalfEven do not occur and give 0.
int32_t Requantize(int64_t acc, const OutputScale& scale);

// clamp(Requantize(acc) + zero_point, min, max); the addition wraps modulo 2^32.
int8_t RequantizeToInt8(int32_t acc, const OutputScale& scale, int32_t zero_point, int32_t min, int32_t max);

}  // namespace glimpse::kernels
