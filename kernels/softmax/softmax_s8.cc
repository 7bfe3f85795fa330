// SPDX-License-Identifier: Apache-2.0
#include "kernels/softmax/softmax_s8.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "kernels/quant/exp.h"

namespace glimpse::kernels {
namespace {

// As in softmax_ref.cc.
constexpr int kDifferenceBits = 5;
constexpr int kSumBits = 12;
constexpr int kOutputBits = 8;

}  // namespace

SoftmaxS8 PrepareSoftmaxS8(const SoftmaxParams& params) {
  SoftmaxS8 softmax;
  softmax.rows = params.rows;
  softmax.depth = params.depth;
  for (int32_t d = 0; d < 256; ++d) {
    const auto at = static_cast<size_t>(d);
    if (-d < params.diff_min) {
      softmax.exponentials[at] = -1;
      continue;
    }
    const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(-d) << params.multiplier.shift);
    softmax.exponentials[at] =
        ExpOnNegative(SaturatingRoundingDoublingHighMul(shifted, params.multiplier.multiplier), kDifferenceBits);
    softmax.summands[at] = RoundingDivideByPot(softmax.exponentials[at], kSumBits);
  }
  return softmax;
}

void RunSoftmaxS8(const SoftmaxS8& p, const int8_t* input, int8_t* output) {
  for (int64_t row = 0; row < p.rows; ++row, input += p.depth, output += p.depth) {
    const int32_t max = *std::max_element(input, input + p.depth);
    uint64_t sum = 0;
    for (int32_t c = 0; c < p.depth; ++c) sum += static_cast<uint64_t>(p.summands[static_cast<size_t>(max - input[c])]);
    const auto bounded = static_cast<uint32_t>(std::min<uint64_t>(sum, std::numeric_limits<uint32_t>::max()));
    const Reciprocal scale = ReciprocalOf(bounded, kSumBits);
    const int exponent = scale.bits_over_unit + 31 - kOutputBits;
    const auto output_of = [&](int32_t difference) {
      const int32_t exponential = p.exponentials[static_cast<size_t>(difference)];
      if (exponential < 0 || exponent > 31) return int8_t{-128};
      const int32_t quotient = SaturatingRoundingDoublingHighMul(scale.raw, exponential);
      return static_cast<int8_t>(std::clamp(RoundingDivideByPot(quotient, exponent) - 128, -128, 127));
    };
    for (int32_t c = 0; c < p.depth; ++c) output[c] = output_of(max - input[c]);
  }
}

}  // namespace glimpse::kernels
