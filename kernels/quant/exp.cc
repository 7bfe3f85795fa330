// SPDX-License-Identifier: Apache-2.0
#include "kernels/quant/exp.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kOne = std::numeric_limits<int32_t>::max();  // 1 in Q0.31, as near as it gets

int32_t Mul(int32_t a, int32_t b) { return SaturatingRoundingDoublingHighMul(a, b); }

// a * 2^bits, saturating.
int32_t SaturatingShiftLeft(int32_t a, int bits) {
  const int64_t wide = int64_t{a} << bits;
  return static_cast<int32_t>(std::clamp<int64_t>(wide, std::numeric_limits<int32_t>::min(), kOne));
}

// exp(a) for a in [-1/4, 0) in Q0.31: Taylor around -1/8, x = a + 1/8, exp(-1/8) * (1 + x + x^2/2 + x^3/6 + x^4/24).
int32_t ExpOnQuarter(int32_t a) {
  constexpr int32_t kExpOfMinusEighth = 1895147668;
  constexpr int32_t kThird = 715827883;
  const int32_t x = a + (1 << 28);
  const int32_t x2 = Mul(x, x);
  const int32_t x3 = Mul(x2, x);
  const int32_t x4_over_4 = RoundingDivideByPot(Mul(x2, x2), 2);
  const int32_t tail = RoundingDivideByPot(Mul(x4_over_4 + x3, kThird) + x2, 1);
  return kExpOfMinusEighth + Mul(kExpOfMinusEighth, x + tail);
}

}  // namespace

int32_t ExpOnNegative(int32_t a, int integer_bits) {
  assert(a <= 0 && integer_bits >= 0 && integer_bits <= 5);
  // exp(-2^e) in Q0.31 for e = -2 to 4.
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (a == 0) return kOne;
  const int fraction_bits = 31 - integer_bits;
  const int32_t quarter = 1 << (fraction_bits - 2);
  const int32_t below = (a & (quarter - 1)) - quarter;  // a modulo 1/4, in [-1/4, 0)
  const auto remainder = static_cast<uint32_t>(int64_t{below} - int64_t{a});
  int32_t result = ExpOnQuarter(SaturatingShiftLeft(below, integer_bits));
  for (int e = -2; e < std::min(integer_bits, 5); ++e) {
    if ((remainder >> (fraction_bits + e)) & 1u) result = Mul(result, kFactors[e + 2]);
  }
  return result;
}

int32_t OneOverOnePlus(int32_t a) {
  assert(a >= 0);
  constexpr int32_t k48Over17 = 1515870810;        // Q2.29
  constexpr int32_t kMinus32Over17 = -1010580540;  // Q2.29
  constexpr int32_t kOneQ2 = 1 << 29;
  const auto half_denominator = static_cast<int32_t>((int64_t{a} + int64_t{kOne} + 1) / 2);  // (1 + a) / 2 in Q0.31
  int32_t x = k48Over17 + Mul(half_denominator, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const int32_t error = kOneQ2 - Mul(half_denominator, x);
    x += SaturatingShiftLeft(Mul(x, error), 2);  // the product of two Q2.29 is Q4.27
  }
  return SaturatingShiftLeft(x, 1);  // x / 2 is Q1.30 by its raw value
}

int32_t Logistic(int32_t a, int integer_bits) {
  if (a == 0) return 1 << 30;
  const int32_t negative = a > 0 ? -a : a;
  const int32_t positive_side = OneOverOnePlus(ExpOnNegative(negative, integer_bits));
  return a > 0 ? positive_side : kOne - positive_side;
}

Reciprocal ReciprocalOf(uint32_t x, int integer_bits) {
  assert(x > 0);
  const int headroom = std::countl_zero(x);
  const auto fraction = static_cast<int32_t>((x << headroom) - (1u << 31));  // x scaled to [1, 2), minus 1
  return {OneOverOnePlus(fraction), integer_bits - headroom};
}

}  // namespace glimpse::kernels
