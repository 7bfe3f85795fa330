// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/elementwise/quantized.h"
#include "kernels/quant/exp.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

// RoundingDivideByPot for any exponent, as an x86-64 or aarch64 processor computes the formula with 64 bits for the
// mask and 32 for the value.
int32_t DivideByPotUnchecked(int32_t x, int exponent) {
  const auto mask = static_cast<int32_t>(static_cast<uint32_t>((uint64_t{1} << (exponent & 63)) - 1));
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return WrappingAdd(x >> (exponent & 31), remainder > threshold ? 1 : 0);
}

int32_t ScaleUnchecked(int32_t x, FixedPointMultiplier m) {
  return DivideByPotUnchecked(SaturatingRoundingDoublingHighMul(x, m.multiplier), -m.shift);
}

int32_t WrappingMul(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
}

int32_t ShiftedLeft(int32_t x, int bits) { return static_cast<int32_t>(static_cast<uint32_t>(x) << bits); }

int32_t Divide(int32_t a, int32_t b, FixedPointMultiplier m) {
  if (b < 0) {
    a = -a;
    b = -b;
  }
  const Reciprocal reciprocal = ReciprocalOf(static_cast<uint32_t>(b), 31);
  const int headroom = std::countl_zero(static_cast<uint32_t>(a < 0 ? ~a : a)) - 1;
  const int32_t quotient = SaturatingRoundingDoublingHighMul(ShiftedLeft(a, headroom), reciprocal.raw);
  return ScaleUnchecked(quotient, {m.multiplier, m.shift - reciprocal.bits_over_unit - headroom});
}

int32_t Fixed(const QuantizedParams& p, int32_t a, int32_t b) {
  switch (p.function) {
    case Arithmetic::kMul:
      return MultiplyDoubleRounding(a * b, p.output);
    case Arithmetic::kDiv:
      return Divide(a, b, p.output);
    case Arithmetic::kAdd:
    case Arithmetic::kSub:
    case Arithmetic::kSquaredDifference:
      break;
  }
  const int32_t scaled1 = MultiplyDoubleRounding(a * (1 << p.left_shift), p.input1);
  const int32_t scaled2 = MultiplyDoubleRounding(b * (1 << p.left_shift), p.input2);
  if (p.function == Arithmetic::kAdd) return ScaleUnchecked(WrappingAdd(scaled1, scaled2), p.output);
  const int32_t difference = WrappingAdd(scaled1, -scaled2);
  if (p.function == Arithmetic::kSub) return ScaleUnchecked(difference, p.output);
  return MultiplyDoubleRounding(WrappingMul(difference, difference), p.output);
}

int32_t PowerOfTwo(const QuantizedParams& p, int32_t a, int32_t b) {
  const int32_t x = RoundingDivideByPot(a, -p.input1.shift);
  const int32_t y = RoundingDivideByPot(b, -p.input2.shift);
  return p.function == Arithmetic::kAdd ? x + y : x - y;
}

int32_t Multipliers(const QuantizedParams& p, int32_t a, int32_t b) {
  const int32_t terms = WrappingAdd(WrappingMul(a, p.multiplier1), WrappingMul(b, p.multiplier2));
  return WrappingAdd(terms, 1 << (p.shift - 1)) >> p.shift;
}

template <typename T, typename Function>
void Walk(const QuantizedParams& p, const T* input1, const T* input2, T* output, Function function) {
  ForEachPair(p.shape, input1, input2, output, [&p, function](T in1, T in2) {
    const int32_t value = function(p, in1 - p.zero_point1, in2 - p.zero_point2);
    return static_cast<T>(std::min(std::max(WrappingAdd(value, p.output_zero_point), p.output_min), p.output_max));
  });
}

// XNNPACK's integers for ADD and SUB. REQUIRES: XnnpackServes().
void SetXnnpackSum(const ElementwiseScales& scales, QuantizedParams& p) {
  const float ratio1 = scales.input1 / scales.output;
  const float ratio2 = scales.input2 / scales.output;
  p.scheme = QuantizedScheme::kMultipliers;
  p.shift = 20 - std::ilogb(std::max(ratio1, ratio2));
  p.multiplier1 = static_cast<int32_t>(std::rint(std::ldexp(ratio1, p.shift)));
  p.multiplier2 = static_cast<int32_t>(std::rint(std::ldexp(ratio2, p.shift)));
  if (p.function == Arithmetic::kSub) p.multiplier2 = -p.multiplier2;
}

bool SetSum(Profile profile, const ElementwiseScales& scales, QuantizedParams& p) {
  const float larger = std::max(scales.input1, scales.input2);
  const double twice = 2 * static_cast<double>(larger);
  p.input1 = QuantizeMultiplier(static_cast<double>(scales.input1) / twice);
  p.input2 = QuantizeMultiplier(static_cast<double>(scales.input2) / twice);
  const bool squared = p.function == Arithmetic::kSquaredDifference;
  const double unit = static_cast<double>(1 << (squared ? 2 * p.left_shift : p.left_shift));
  const double output = (squared ? twice * twice : twice) / (unit * static_cast<double>(scales.output));
  if (!std::isfinite(output)) return false;
  p.output = QuantizeMultiplier(output);
  const bool micro = profile == Profile::kTfliteMicro;
  if (squared && micro) return true;
  if (p.function == Arithmetic::kSub && !micro && output > 1) return true;
  return output < 1 && p.output.shift <= 0;
}

}  // namespace

bool XnnpackServes(const QuantizedParams& p, const ElementwiseScales& scales) {
  if (p.shape.rank > kXnnpackMaxRank) return false;
  const auto within = [](float ratio, float least) { return ratio >= least && ratio < 0x1p8F; };
  if (p.function == Arithmetic::kMul) return within(scales.input1 * scales.input2 / scales.output, 0x1p-16F);
  if (p.function != Arithmetic::kAdd && p.function != Arithmetic::kSub) return false;
  return within(scales.input1 / scales.output, 0x1p-10F) && within(scales.input2 / scales.output, 0x1p-10F);
}

bool SetQuantizedScales(Profile profile, const ElementwiseScales& scales, int bits, QuantizedParams& p) {
  const double s1 = static_cast<double>(scales.input1);
  const double s2 = static_cast<double>(scales.input2);
  const double out = static_cast<double>(scales.output);
  p.scheme = QuantizedScheme::kFixed;
  if (profile == Profile::kLitertXnnpack && bits == 8) {
    if (XnnpackServes(p, scales)) {
      if (p.function == Arithmetic::kMul) {
        p.scheme = QuantizedScheme::kFloat;
        p.scale = scales.input1 * scales.input2 / scales.output;
      } else {
        SetXnnpackSum(scales, p);
      }
      return true;
    }
    if (p.function == Arithmetic::kAdd || p.function == Arithmetic::kMul) return false;
  }
  double real = 0;
  switch (p.function) {
    case Arithmetic::kMul:
      real = profile == Profile::kTfliteMicro ? s1 * s2 / out
                                              : static_cast<double>(scales.input1 * scales.input2 / scales.output);
      break;
    case Arithmetic::kDiv:
      real = static_cast<double>(scales.input1 / (scales.input2 * scales.output));
      break;
    case Arithmetic::kAdd:
    case Arithmetic::kSub:
      p.left_shift = bits == 8 ? 20 : 15;
      return SetSum(profile, scales, p);
    case Arithmetic::kSquaredDifference:
      p.left_shift = bits == 8 ? 7 : 0;
      return SetSum(profile, scales, p);
  }
  if (!(real >= 0 && real < static_cast<double>(1 << 30))) return false;
  p.output = QuantizeMultiplier(real);
  return true;
}

template <typename T>
void QuantizedRef(const QuantizedParams& p, const T* input1, const T* input2, T* output) {
  switch (p.scheme) {
    case QuantizedScheme::kFixed:
      return Walk(p, input1, input2, output, Fixed);
    case QuantizedScheme::kPowerOfTwo:
      return Walk(p, input1, input2, output, PowerOfTwo);
    case QuantizedScheme::kMultipliers:
      return Walk(p, input1, input2, output, Multipliers);
    case QuantizedScheme::kFloat:
      return Walk(p, input1, input2, output, [](const QuantizedParams& params, int32_t a, int32_t b) {
        return RoundFloatHalfEven(a * b, params.scale);
      });
  }
}

template void QuantizedRef(const QuantizedParams&, const int8_t*, const int8_t*, int8_t*);
template void QuantizedRef(const QuantizedParams&, const uint8_t*, const uint8_t*, uint8_t*);
template void QuantizedRef(const QuantizedParams&, const int16_t*, const int16_t*, int16_t*);

}  // namespace glimpse::kernels
