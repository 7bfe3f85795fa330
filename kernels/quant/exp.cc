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

// Fixed point on Raw, int32_t or int16_t.
template <typename Raw>
struct Fixed {
  static constexpr int kBits = 8 * sizeof(Raw) - 1;
  static constexpr int32_t kMin = std::numeric_limits<Raw>::min();
  static constexpr int32_t kOne = std::numeric_limits<Raw>::max();  // 1 in Q0, as near as it gets

  static Raw Narrow(int32_t a) { return static_cast<Raw>(a); }

  // A constant given in 32 bits.
  static Raw Constant(int32_t raw) { return Narrow(RoundingDivideByPot(raw, 31 - kBits)); }

  // round(a * b / 2^kBits), ties upwards.
  static Raw Mul(Raw a, Raw b) {
    if constexpr (sizeof(Raw) == 4) {
      return SaturatingRoundingDoublingHighMul(a, b);
    } else {
      if (a == b && a == kMin) return Narrow(kOne);
      return Narrow((a * b + (1 << (kBits - 1))) >> kBits);
    }
  }

  // a * 2^bits, saturating.
  static Raw ShiftLeft(Raw a, int bits) {
    const int64_t wide = int64_t{a} << bits;
    return static_cast<Raw>(std::clamp<int64_t>(wide, kMin, kOne));
  }
  static Raw ShiftRight(Raw a, int bits) { return Narrow(RoundingDivideByPot(a, bits)); }

  // exp(a) for a in [-1/4, 0) in Q0: Taylor around -1/8, x = a + 1/8, exp(-1/8) * (1 + x + x^2/2 + x^3/6 + x^4/24).
  static Raw ExpOnQuarter(Raw a) {
    const Raw exp_of_minus_eighth = Constant(1895147668);
    const Raw x = Narrow(a + (1 << (kBits - 3)));
    const Raw x2 = Mul(x, x);
    const Raw x3 = Mul(x2, x);
    const Raw x4_over_4 = ShiftRight(Mul(x2, x2), 2);
    const Raw tail = ShiftRight(Narrow(Mul(Narrow(x4_over_4 + x3), Constant(715827883)) + x2), 1);
    const int64_t sum = int64_t{exp_of_minus_eighth} + Mul(exp_of_minus_eighth, Narrow(x + tail));
    return static_cast<Raw>(std::clamp<int64_t>(sum, kMin, kOne));
  }

  static Raw ExpOnNegative(Raw a, int integer_bits) {
    // exp(-2^e) in Q0.31 for e = -2 to 4.
    constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    if (a == 0) return Narrow(kOne);
    const int fraction_bits = kBits - integer_bits;
    const int32_t quarter = 1 << (fraction_bits - 2);
    const int32_t below = (a & (quarter - 1)) - quarter;  // a modulo 1/4, in [-1/4, 0)
    const auto remainder = static_cast<uint32_t>(int64_t{below} - int64_t{a});
    Raw result = ExpOnQuarter(ShiftLeft(Narrow(below), integer_bits));
    for (int e = -2; e < std::min(integer_bits, 5); ++e) {
      if ((remainder >> (fraction_bits + e)) & 1u) result = Mul(result, Constant(kFactors[e + 2]));
    }
    return integer_bits > 5 && a < -(32 << fraction_bits) ? Narrow(0) : result;
  }

  // 2 / (1 + a) in Q2 for a in [0, 1] in Q0.
  static Raw TwoOverOnePlus(Raw a) {
    const Raw one = Narrow(1 << (kBits - 2));
    const auto half_denominator = static_cast<Raw>((int64_t{a} + int64_t{kOne} + 1) / 2);  // (1 + a) / 2 in Q0
    Raw x = Narrow(Constant(1515870810) + Mul(half_denominator, Constant(-1010580540)));   // 48 / 17, -32 / 17
    for (int step = 0; step < 3; ++step) {
      const Raw error = Narrow(one - Mul(half_denominator, x));
      x = Narrow(x + ShiftLeft(Mul(x, error), 2));  // the product of two Q2 is Q4
    }
    return x;
  }

  static Raw OneOverOnePlus(Raw a) { return ShiftLeft(TwoOverOnePlus(a), 1); }  // x / 2 is Q1 by its raw value

  static Raw Logistic(Raw a, int integer_bits) {
    if (a == 0) return Constant(1 << 30);
    const Raw negative = a > 0 ? Narrow(-a) : a;
    const Raw positive_side = OneOverOnePlus(ExpOnNegative(negative, integer_bits));
    return a > 0 ? positive_side : Narrow(kOne - positive_side);
  }

  static Raw Tanh(Raw a, int integer_bits) {
    if (a == 0) return 0;
    const Raw negative = a > 0 ? Narrow(-a) : a;
    const Raw two_over = TwoOverOnePlus(ExpOnNegative(negative, integer_bits + 1));
    const Raw positive_side = ShiftLeft(Narrow(two_over - (1 << (kBits - 2))), 2);  // 2 / (1 + e) - 1
    return a > 0 ? positive_side : Narrow(-positive_side);
  }
};

}  // namespace

int32_t ExpOnNegative(int32_t a, int integer_bits) {
  assert(a <= 0 && integer_bits >= 0 && integer_bits <= 5);
  return Fixed<int32_t>::ExpOnNegative(a, integer_bits);
}

int32_t OneOverOnePlus(int32_t a) {
  assert(a >= 0);
  return Fixed<int32_t>::OneOverOnePlus(a);
}

int32_t Logistic(int32_t a, int integer_bits) { return Fixed<int32_t>::Logistic(a, integer_bits); }
int16_t Logistic(int16_t a, int integer_bits) { return Fixed<int16_t>::Logistic(a, integer_bits); }
int32_t Tanh(int32_t a, int integer_bits) { return Fixed<int32_t>::Tanh(a, integer_bits); }
int16_t Tanh(int16_t a, int integer_bits) { return Fixed<int16_t>::Tanh(a, integer_bits); }

Reciprocal ReciprocalOf(uint32_t x, int integer_bits) {
  assert(x > 0);
  const int headroom = std::countl_zero(x);
  const auto fraction = static_cast<int32_t>((x << headroom) - (1u << 31));  // x scaled to [1, 2), minus 1
  return {OneOverOnePlus(fraction), integer_bits - headroom};
}

}  // namespace glimpse::kernels
