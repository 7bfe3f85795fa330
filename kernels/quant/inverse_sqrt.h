// SPDX-License-Identifier: Apache-2.0
// 1 / sqrt(x) of an integer in fixed point. Source: TFLite, kernels/internal/common.h
// (GetInvSqrtQuantizedMultiplierExp).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

// 1 / sqrt(input) as multiplier / 2^31 * 2^shift: five Newton-Raphson steps from 1, in Q3.28, on the input scaled by a
// power of four to [2^27, 2^29). 0 counts as 1, which is 2^31 - 1 with shift 0. shift is <= 0. REQUIRES: input >= 0.
// Reentrant.
inline FixedPointMultiplier InverseSqrt(int32_t input) {
  if (input <= 1) return {std::numeric_limits<int32_t>::max(), 0};
  const auto mul = SaturatingRoundingDoublingHighMul;
  const auto times8 = [](int32_t a) {  // from Q(m + 3) to Qm
    return static_cast<int32_t>(
        std::clamp<int64_t>(int64_t{a} * 8, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
  };
  const auto times64 = [](int32_t a) {
    return static_cast<int32_t>(
        std::clamp<int64_t>(int64_t{a} * 64, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
  };
  int right = 11;
  while (input >= (1 << 29)) {
    input /= 4;
    ++right;
  }
  const int pairs = (std::countl_zero(static_cast<uint32_t>(input)) - 1) / 2 - 1;
  right -= pairs;
  input <<= 2 * pairs;
  const int32_t scaled = input >> 1;
  const int32_t half_input = RoundingDivideByPot(scaled, 1);
  constexpr int32_t kThreeHalves = (1 << 28) + (1 << 27);
  int32_t x = 1 << 28;
  for (int step = 0; step < 5; ++step) {
    const int32_t cube = times64(mul(mul(x, x), x));  // Q9 to Q3
    x = times8(mul(kThreeHalves, x) - mul(half_input, cube));
  }
  FixedPointMultiplier result{mul(x, 1518500250), -right};  // sqrt(1/2)
  if (right < 0) result = {result.multiplier << -right, 0};
  return result;
}

}  // namespace glimpse::kernels
