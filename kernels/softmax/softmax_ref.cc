// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/quant/exp.h"
#include "kernels/softmax/softmax.h"

namespace glimpse::kernels {
namespace {

constexpr int kDifferenceBits = 5;  // integer bits of a scaled difference
constexpr int kSumBits = 12;        // integer bits of the sum of exponentials

// exp(beta * scale * difference) in Q0.31, difference <= 0.
int32_t ExpOf(const SoftmaxParams& p, int32_t difference) {
  const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(difference) << p.multiplier.shift);
  return ExpOnNegative(SaturatingRoundingDoublingHighMul(shifted, p.multiplier.multiplier), kDifferenceBits);
}

void Row(const SoftmaxParams& p, const int8_t* input, int8_t* output) {
  const int32_t max = *std::max_element(input, input + p.depth);
  uint64_t sum = 0;
  for (int32_t c = 0; c < p.depth; ++c) {
    const int32_t difference = input[c] - max;
    if (difference >= p.diff_min) sum += static_cast<uint64_t>(RoundingDivideByPot(ExpOf(p, difference), kSumBits));
  }
  const auto bounded = static_cast<uint32_t>(std::min<uint64_t>(sum, std::numeric_limits<uint32_t>::max()));
  const Reciprocal scale = ReciprocalOf(bounded, kSumBits);
  const int exponent = scale.bits_over_unit + 31 - 8;
  for (int32_t c = 0; c < p.depth; ++c) {
    const int32_t difference = input[c] - max;
    int32_t value = -128;
    if (difference >= p.diff_min && exponent <= 31) {
      const int32_t quotient = SaturatingRoundingDoublingHighMul(scale.raw, ExpOf(p, difference));
      value += RoundingDivideByPot(quotient, exponent);
    }
    output[c] = static_cast<int8_t>(std::min(value, 127));
  }
}

}  // namespace

std::optional<SoftmaxParams> SoftmaxScaling(float beta, float input_scale) {
  const double scaled = static_cast<double>(beta) * static_cast<double>(input_scale) * (1 << (31 - kDifferenceBits));
  if (!(scaled > 1)) return std::nullopt;
  SoftmaxParams params;
  // Halved and doubled again, since a shift of 31 is needed at the upper end and QuantizeMultiplier stops at 30.
  params.multiplier = QuantizeMultiplier(std::min(scaled, 2147483647.0) / 2);
  ++params.multiplier.shift;
  const double radius = ((1 << kDifferenceBits) - 1) * static_cast<double>(1 << (31 - kDifferenceBits)) /
                        static_cast<double>(int64_t{1} << params.multiplier.shift);
  params.diff_min = -static_cast<int32_t>(std::floor(radius));
  return params;
}

void SoftmaxS8Ref(const SoftmaxParams& params, const int8_t* input, int8_t* output) {
  for (int64_t row = 0; row < params.rows; ++row, input += params.depth, output += params.depth) {
    Row(params, input, output);
  }
}

}  // namespace glimpse::kernels
