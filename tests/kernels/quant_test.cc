// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/quant/exp.h"
#include "kernels/quant/fixed_point.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
constexpr int32_t kMax = std::numeric_limits<int32_t>::max();

TEST(QuantizeMultiplier, HoldsAFractionOfAtLeastAHalfAndAShift) {
  // 0.75 = 0.75 * 2^0, 3 = 0.75 * 2^2, 0.1 = 0.8 * 2^-3.
  EXPECT_EQ(QuantizeMultiplier(0.75).multiplier, 1610612736);
  EXPECT_EQ(QuantizeMultiplier(0.75).shift, 0);
  EXPECT_EQ(QuantizeMultiplier(3).shift, 2);
  EXPECT_EQ(QuantizeMultiplier(0.1).multiplier, 1717986918);
  EXPECT_EQ(QuantizeMultiplier(0.1).shift, -3);
}

TEST(QuantizeMultiplier, CarriesWhenTheFractionRoundsUpToOne) {
  const FixedPointMultiplier m = QuantizeMultiplier(1.0 - std::ldexp(1.0, -40));
  EXPECT_EQ(m.multiplier, 1 << 30);
  EXPECT_EQ(m.shift, 1);
}

TEST(QuantizeMultiplier, FlushesWhatIsBelowTheSmallestShift) {
  EXPECT_EQ(QuantizeMultiplier(std::ldexp(1.0, -33)).multiplier, 0);
  EXPECT_EQ(QuantizeMultiplier(std::ldexp(1.0, -32)).shift, -31);
}

TEST(DoublingHighMul, RoundsTiesUpwards) {
  // 3 * 2^30 / 2^31 = 1.5 gives 2; -1.5 gives -1.
  EXPECT_EQ(SaturatingRoundingDoublingHighMul(3, 1 << 30), 2);
  EXPECT_EQ(SaturatingRoundingDoublingHighMul(-3, 1 << 30), -1);
  EXPECT_EQ(SaturatingRoundingDoublingHighMul(kMin, kMin), kMax);
}

TEST(DivideByPot, RoundsTiesAwayFromZero) {
  EXPECT_EQ(RoundingDivideByPot(6, 2), 2);    // 1.5
  EXPECT_EQ(RoundingDivideByPot(-6, 2), -2);  // -1.5
  EXPECT_EQ(RoundingDivideByPot(5, 2), 1);
  EXPECT_EQ(RoundingDivideByPot(kMin, 31), -1);
  EXPECT_EQ(RoundingDivideByPot(kMax, 31), 1);
  EXPECT_EQ(RoundingDivideByPot(7, 0), 7);
}

TEST(Rules, DifferWhereTheyAreSaidToDiffer) {
  // -6 / 4 = -1.5 by a scale of exactly 1/4: half away gives -2, half up and half even give -1 and -2.
  const OutputScale away = OutputScaleFor(Rounding::kRealHalfAway, 1, 1, 4);
  const OutputScale up = OutputScaleFor(Rounding::kHalfUp, 1, 1, 4);
  const OutputScale even = OutputScaleFor(Rounding::kFloatHalfEven, 1, 1, 4);
  EXPECT_EQ(Requantize(-6, away), -2);
  EXPECT_EQ(Requantize(-6, up), -1);
  EXPECT_EQ(Requantize(-6, even), -2);
  EXPECT_EQ(Requantize(10, away), 3);  // 2.5
  EXPECT_EQ(Requantize(10, even), 2);
  // A float holds 24 bits: 2^24 + 1 loses its last one, which a scale of 1 shows.
  EXPECT_EQ(Requantize((1 << 24) + 1, OutputScaleFor(Rounding::kFloatHalfEven, 1, 1, 1)), 1 << 24);
  EXPECT_EQ(Requantize((1 << 24) + 1, OutputScaleFor(Rounding::kDouble, 1, 1, 1)), (1 << 24) + 1);
}

TEST(Rules, AreSelectedByProfileAndOperator) {
  EXPECT_EQ(RoundingFor("litert-reference", "CONV_2D"), Rounding::kDouble);
  EXPECT_EQ(RoundingFor("litert-reference", "tflite.DEPTHWISE_CONV_2D"), Rounding::kDouble);
  EXPECT_EQ(RoundingFor("litert-reference", "FULLY_CONNECTED"), Rounding::kRealHalfAway);
  EXPECT_EQ(RoundingFor("tflite-micro", "FULLY_CONNECTED"), Rounding::kDouble);
  EXPECT_EQ(RoundingFor("litert-xnnpack", "CONV_2D"), Rounding::kFloatHalfEven);
  EXPECT_EQ(RoundingFor("litert-xnnpack", "SOFTMAX"), std::nullopt);
  EXPECT_EQ(RoundingFor("nonsense", "CONV_2D"), std::nullopt);
}

TEST(ToInt32, GivesTheLowestValueForWhatDoesNotFit) {
  EXPECT_EQ(ToInt32(2147483647.0), kMax);
  EXPECT_EQ(ToInt32(2147483648.0), kMin);
  EXPECT_EQ(ToInt32(-2147483649.0), kMin);
  EXPECT_EQ(ToInt32(std::nan("")), kMin);
}

TEST(ActivationRange, IsQuantizedAndClamped) {
  // relu6 with scale 0.05 and zero point -128: 6 / 0.05 = 120.
  const auto range = QuantizedActivationRange(Activation::kRelu6, 0.05F, -128);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->min, -128);
  EXPECT_EQ(range->max, -8);
  EXPECT_EQ(QuantizedActivationRange(Activation::kReluN1To1, 0.25F, 3)->min, -1);
  EXPECT_EQ(QuantizedActivationRange(Activation::kTanh, 0.25F, 3), std::nullopt);
}

TEST(Exp, FollowsTheExponentialToNineDigits) {
  EXPECT_EQ(ExpOnNegative(0, 5), kMax);
  for (int bits = 0; bits <= 5; ++bits) {
    for (int32_t a = -1; a > kMin / 2; a = a * 2 - 12345) {
      const double real = std::exp(std::ldexp(static_cast<double>(a), bits - 31));
      EXPECT_NEAR(std::ldexp(static_cast<double>(ExpOnNegative(a, bits)), -31), real, 3e-7) << a << " Q" << bits;
    }
  }
}

TEST(Logistic, IsSymmetricAroundOneHalf) {
  EXPECT_EQ(Logistic(0, 4), 1 << 30);
  for (int32_t a = 1; a < kMax / 2; a = a * 3 + 7) {
    EXPECT_EQ(Logistic(a, 4) + Logistic(-a, 4), kMax);
    const double real = 1 / (1 + std::exp(-std::ldexp(static_cast<double>(a), -27)));
    EXPECT_NEAR(std::ldexp(static_cast<double>(Logistic(a, 4)), -31), real, 1e-6);
  }
}

TEST(Reciprocal, UsesTheSignBitOfTheSum) {
  for (const uint32_t x : {1u, 3u << 18, 1u << 19, 1u << 31, 0xFFFFFFFFu}) {
    const Reciprocal r = ReciprocalOf(x, 12);
    const double real = std::ldexp(1.0, 19) / x;
    EXPECT_NEAR(std::ldexp(static_cast<double>(r.raw), -31 - r.bits_over_unit) / real, 1, 1e-6) << x;
  }
}

}  // namespace
}  // namespace glimpse::kernels
