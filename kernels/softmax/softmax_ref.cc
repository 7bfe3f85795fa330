// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

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

template <typename In, typename Out>
void Row(const SoftmaxParams& p, const In* input, Out* output) {
  constexpr int32_t kMin = std::numeric_limits<Out>::min();
  constexpr int kOutputBits = 8 * sizeof(Out);
  const int32_t max = *std::max_element(input, input + p.depth);
  uint64_t sum = 0;
  for (int32_t c = 0; c < p.depth; ++c) {
    const int32_t difference = input[c] - max;
    if (difference >= p.diff_min) sum += static_cast<uint64_t>(RoundingDivideByPot(ExpOf(p, difference), kSumBits));
  }
  const auto bounded = static_cast<uint32_t>(std::min<uint64_t>(sum, std::numeric_limits<uint32_t>::max()));
  const Reciprocal scale = ReciprocalOf(bounded, kSumBits);
  const int exponent = scale.bits_over_unit + 31 - kOutputBits;
  for (int32_t c = 0; c < p.depth; ++c) {
    const int32_t difference = input[c] - max;
    int32_t value = kMin;
    if (difference >= p.diff_min && exponent <= 31) {
      const int32_t quotient = SaturatingRoundingDoublingHighMul(scale.raw, ExpOf(p, difference));
      value += RoundingDivideByPot(quotient, exponent);
    }
    output[c] = Saturate<Out>(value);
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

template <typename In, typename Out>
void SoftmaxRef(const SoftmaxParams& params, const In* input, Out* output) {
  for (int64_t row = 0; row < params.rows; ++row, input += params.depth, output += params.depth) {
    Row(params, input, output);
  }
}

SoftmaxTable MakeSoftmaxTable(float beta, float input_scale, PerTensor output) {
  SoftmaxTable table;
  table.output_scale = output.scale;
  table.output_zero_point = output.zero_point;
  const float scale = -input_scale * beta;
  for (size_t d = 0; d < table.exponentials.size(); ++d) {
    table.exponentials[d] = std::exp(scale * static_cast<float>(d));
  }
  return table;
}

template <typename In, typename Out>
void SoftmaxOptimisedRef(const SoftmaxTable& table, int64_t rows, int32_t depth, const In* input, Out* output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const int32_t max = *std::max_element(input, input + depth);
    const auto exponential = [&](int32_t c) { return table.exponentials[static_cast<size_t>(max - input[c])]; };
    float sum = 0;
    for (int32_t c = 0; c < depth; ++c) sum += exponential(c);
    const float inverse = 1.0F / (sum * table.output_scale);
    for (int32_t c = 0; c < depth; ++c) {
      const float real = exponential(c) * inverse;
      int32_t value = 0;
      if (std::is_same_v<Out, uint8_t>) {
        value = ToInt32(static_cast<double>(std::trunc(real + 0.5F)));
      } else {
        value = WrappingAdd(ToInt32(static_cast<double>(std::round(real))), table.output_zero_point);
      }
      output[c] = Saturate<Out>(value);
    }
  }
}

SoftmaxS16Params MakeSoftmaxS16(Profile profile, float beta, float input_scale) {
  constexpr int kRange = 65535;
  SoftmaxS16Params p;
  const double product = profile == Profile::kTfliteMicro ? static_cast<double>(input_scale) * static_cast<double>(beta)
                                                          : static_cast<double>(input_scale * beta);
  p.multiplier = QuantizeMultiplier(product / (10.0 / 65535.0));
  if (profile == Profile::kTfliteMicro) {
    p.exponential = TabulateWords<float>(10.0F / kRange, 32767, 2.0F / kRange, 0, [](float x) { return std::exp(x); });
    p.reciprocal =
        TabulateWords<float>(1.0F / kRange, -32768, 2.0F / kRange, 0, [](float x) { return 1.0F / (1.0F + x); });
  } else {
    p.exponential = TabulateWords<double>(10.0 / kRange, 32767, 2.0 / kRange, 0, [](double x) { return std::exp(x); });
    p.reciprocal =
        TabulateWords<double>(1.0 / kRange, -32768, 2.0 / kRange, 0, [](double x) { return 1.0 / (1.0 + x); });
  }
  return p;
}

void SoftmaxS16Ref(const SoftmaxS16Params& p, int64_t rows, int32_t depth, const int16_t* input, int16_t* output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const int32_t max = *std::max_element(input, input + depth);
    const auto exponential = [&](int32_t c) -> int32_t {
      const int32_t scaled = MultiplyDoubleRounding(input[c] - max, p.multiplier);
      return LookUpWord(p.exponential, Saturate<int16_t>(WrappingAdd(scaled, 32767)));
    };
    uint32_t sum = 0;  // Q16.15
    for (int32_t c = 0; c < depth; ++c) sum += static_cast<uint32_t>(exponential(c));
    const int headroom = std::countl_zero(sum);
    const int64_t shifted = ((int64_t{static_cast<int32_t>(sum)} << std::max(headroom - 1, 0)) + (1 << 13)) >> 14;
    const auto position = static_cast<int32_t>(shifted - ((1 << 15) + (1 << 16)));
    const int32_t reciprocal = LookUpWord(p.reciprocal, Saturate<int16_t>(position));
    const int right = std::clamp(31 - headroom, 1, 31);
    for (int32_t c = 0; c < depth; ++c) {
      const int64_t product = int64_t{exponential(c)} * reciprocal + (int64_t{1} << (right - 1));
      output[c] = static_cast<int16_t>(std::clamp<int64_t>(product >> right, 0, 32767));
    }
  }
}

void SoftmaxF32Ref(float beta, int64_t rows, int32_t depth, const float* input, float* output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const float max = *std::max_element(input, input + depth);
    float sum = 0;
    for (int32_t c = 0; c < depth; ++c) {
      output[c] = std::exp((input[c] - max) * beta);
      sum += output[c];
    }
    for (int32_t c = 0; c < depth; ++c) output[c] /= sum;
  }
}

#define GLIMPSE_INSTANTIATE(In, Out)                                        \
  template void SoftmaxRef<In, Out>(const SoftmaxParams&, const In*, Out*); \
  template void SoftmaxOptimisedRef<In, Out>(const SoftmaxTable&, int64_t, int32_t, const In*, Out*);
GLIMPSE_INSTANTIATE(int8_t, int8_t)
GLIMPSE_INSTANTIATE(int8_t, int16_t)
GLIMPSE_INSTANTIATE(uint8_t, uint8_t)
GLIMPSE_INSTANTIATE(uint8_t, int16_t)
#undef GLIMPSE_INSTANTIATE

}  // namespace glimpse::kernels
