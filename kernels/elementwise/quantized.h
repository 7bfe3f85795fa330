// SPDX-License-Identifier: Apache-2.0
// ADD, SUB, MUL, DIV and SQUARED_DIFFERENCE on quantized int8, uint8 and int16, with broadcasting.
#pragma once

#include <cstdint>

#include "kernels/elementwise/broadcast.h"
#include "kernels/quant/fixed_point.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

enum class Arithmetic { kAdd, kSub, kMul, kDiv, kSquaredDifference };

// What is done to the centred values a = in1 - zp1 and b = in2 - zp2; M is MultiplyDoubleRounding.
//   kFixed: fixed point as in TFLite, with d = 20 for 8 bits and 15 for 16 (SQUARED_DIFFERENCE: 7 and 0)
//     ADD, SUB  M(M(a * 2^d, m1) +- M(b * 2^d, m2), m)
//     MUL       M(a * b, m)
//     DIV       a times the reciprocal of b in fixed point (three Newton steps), then m
//     SQUARED_DIFFERENCE  M(e^2, m) with e = M(a * 2^d, m1) - M(b * 2^d, m2), modulo 2^32
//   kPowerOfTwo: int16 ADD and SUB whose scales are powers of two: one input is divided by 2^shift, ties away from zero
//   kMultipliers: ADD and SUB of XNNPACK: (2^(shift-1) + a * k1 +- b * k2) >> shift with integers k below 2^21
//   kFloat: MUL of XNNPACK: rint(float(a * b) * float scale), ties to even
enum class QuantizedScheme { kFixed, kPowerOfTwo, kMultipliers, kFloat };

struct QuantizedParams {
  Arithmetic function = Arithmetic::kAdd;
  QuantizedScheme scheme = QuantizedScheme::kFixed;
  Broadcast<2> shape;
  int32_t zero_point1 = 0;
  int32_t zero_point2 = 0;
  int32_t output_zero_point = 0;
  int left_shift = 0;           // d above
  FixedPointMultiplier input1;  // m1; for kPowerOfTwo its shift is -(bits to the right)
  FixedPointMultiplier input2;
  FixedPointMultiplier output;
  int32_t multiplier1 = 0;  // k1 and k2 of kMultipliers; k2 is negative for SUB
  int32_t multiplier2 = 0;
  int shift = 0;
  float scale = 0;            // of kFloat
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
};

// Scales of the two inputs and the output. Positive and finite.
struct ElementwiseScales {
  float input1 = 1;
  float input2 = 1;
  float output = 1;
};

// Sets scheme, left_shift and multipliers of params.function under `profile` for elements of `bits` bits; params.shape
// is set. In double unless noted: with t = 2 * max(s1, s2), ADD, SUB and SQUARED_DIFFERENCE use s1 / t, s2 / t and t /
// (2^d * s_out) (t * t / (2^2d * s_out)); MUL s1 * s2 / s_out (LiteRT: in float); DIV s1 / (s2 * s_out) in float.
// litert-xnnpack does what XNNPACK does where that serves the operator (see
// XnnpackServes), and what litert-reference does elsewhere. Returns false where the runtime has no result (it ends the
// program when the output multiplier of ADD or SQUARED_DIFFERENCE, and of SUB in TFLite Micro, is not below 1), or none
// that is reproduced: ADD and MUL on 8 bits under litert-xnnpack that XNNPACK does not serve. Reentrant.
bool SetQuantizedScales(Profile profile, const ElementwiseScales& scales, int bits, QuantizedParams& params);

// Whether XNNPACK computes this operator on 8 bits: ADD and SUB with ratios of the inputs' scales to the output's in
// [2^-10, 2^8), MUL with s1 * s2 / s_out in [2^-16, 2^8), all in float, up to rank 6.
inline constexpr int kXnnpackMaxRank = 6;
bool XnnpackServes(const QuantizedParams& params, const ElementwiseScales& scales);

// out = clamp(zp_out + the above). Shapes: as params.shape says; dense. Ranges: zero points within T. Preconditions:
// validated parameters; for DIV no element of input2 equals zero_point2. Output may be the same memory as an input that
// is not repeated. Cannot fail. Reentrant. Exactness: LiteRT 2.3 with reference kernels, LiteRT 2.3 with its XNNPACK
// delegate on x86-64, TFLite Micro. T is int8_t, uint8_t or int16_t.
// A shift of DIV and SUB may leave [0, 31]: the runtimes then shift by its last five bits, and so does this.
// Source: TFLite, kernels/{add,sub,mul,div,squared_difference}.cc, kernels/internal/reference/{add,sub,div}.h,
// reference/integer_ops/{add,mul}.h; TFLite Micro, kernels/*_common.cc; XNNPACK, src/microparams-init.c, src/qs8-vadd,
// src/qs8-vmul.
template <typename T>
void QuantizedRef(const QuantizedParams& params, const T* input1, const T* input2, T* output);

}  // namespace glimpse::kernels
