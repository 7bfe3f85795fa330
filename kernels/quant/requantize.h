// SPDX-License-Identifier: Apache-2.0
// The rounding rules beside double rounding, activation ranges, and the conversions that all of them need.
//
// Sources: TFLite 2.x, kernels/internal/reference/integer_ops/fully_connected.h (round of a double product),
// kernels/kernel_util.cc (CalculateActivationRangeQuantized), kernels/internal/reference/quantize.h; XNNPACK, the fp32
// requantisation of its qs8 and qc8 kernels.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

// One scale and zero point of an int8 tensor: real = scale * (stored - zero_point). scale positive and finite,
// zero_point in [-128, 127].
struct PerTensor {
  float scale = 1;
  int32_t zero_point = 0;
};

// a + b modulo 2^32. Reentrant, like everything here.
constexpr int32_t WrappingAdd(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

// `x`, already rounded to an integer, as int32; -2^31 when it does not fit or is NaN. That is what the conversion
// instruction of x86-64 gives, and with it the wheels that we are compared with; C++ leaves it undefined.
int32_t ToInt32(double x);

// round(double(acc) * scale), ties away from zero, through ToInt32. `scale` finite, >= 0.
int32_t RoundRealHalfAway(int32_t acc, double scale);

// rint(float(acc) * scale), ties to even, through ToInt32. `scale` finite, >= 0. Depends on the rounding mode of the
// processor, which is "to nearest" unless a program changes it.
int32_t RoundFloatHalfEven(int32_t acc, float scale);

// As MultiplyDoubleRounding, but the last shift to the right rounds ties upwards: floor((v + 2^(n-1)) / 2^n).
int32_t MultiplyHalfUp(int32_t x, FixedPointMultiplier m);

// Range that a fused activation leaves of an int8 output. min <= max unless the zero point lies outside of [min, max]
// of the activation's image, as in TFLite.
struct ActivationRange {
  int32_t min = -128;
  int32_t max = 127;
};

// Fused activations, numbered as in the .tflite schema.
enum class Activation : uint32_t { kNone = 0, kRelu = 1, kReluN1To1 = 2, kRelu6 = 3, kTanh = 4, kSignBit = 5 };

// Range of `activation` for an output of that scale and zero point: bounds are zero_point + round(bound / scale), the
// quotient in float, ties away from zero, then clamped to `type`, the range of the output's type. Nothing for kTanh and
// kSignBit, which no quantized kernel fuses, and when a bound does not fit in int32. Preconditions: scale positive and
// finite, zero_point within `type`.
std::optional<ActivationRange> QuantizedActivationRange(Activation activation, float scale, int32_t zero_point,
                                                        ActivationRange type = {});

// The same as XNNPACK has it: rint(bound / scale + zero_point) in float, ties to even, within `type`. It differs from
// the former where bound / scale lies half way between two integers. Source: XNNPACK, xnn_qs8_quantize.
std::optional<ActivationRange> XnnpackActivationRange(Activation activation, float scale, int32_t zero_point,
                                                      ActivationRange type);

// zero_point + round(x / scale) clamped to int8: the quotient in float, ties away from zero, through ToInt32, the
// addition wraps. NaN and quotients outside of int32 therefore end where the x86-64 runtimes put them. scale positive.
int8_t QuantizeToInt8(float x, float scale, int32_t zero_point);

// Whether TFLite takes `scale` for a power of two: |log2(scale) - n| < 0.001 in float; `exponent` gets n. scale
// positive.
bool IsPowerOfTwo(float scale, int* exponent);

}  // namespace glimpse::kernels
