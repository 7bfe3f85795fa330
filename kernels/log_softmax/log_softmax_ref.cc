// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/log_softmax/log_softmax.h"
#include "kernels/quant/exp.h"
#include "kernels/quant/lookup.h"
#include "kernels/softmax/softmax.h"

namespace glimpse::kernels {
namespace {

constexpr int kSumBits = 12;  // integer bits of the sum

int32_t Mul(int32_t a, int32_t b) { return SaturatingRoundingDoublingHighMul(a, b); }

int32_t Clamp(int64_t value) {
  return static_cast<int32_t>(
      std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

// a * 2^bits, saturating.
int32_t ShiftLeft(int32_t a, int bits) { return Clamp(int64_t{a} * (int64_t{1} << bits)); }

// A whole number in Q6.25 plus or minus a quarter, saturating.
int32_t QuarterOff(int32_t whole, int32_t quarter) { return Clamp(int64_t{ShiftLeft(whole, 25)} + quarter); }

// log(x) in Q5.26 for x >= 1 in Q12.19: x = 2^n * r with r around sqrt(sqrt(1/2)), n the larger of two choices; a
// rational function of r serves the rest.
int32_t LogOf(int32_t x) {
  constexpr int32_t kLog2 = 1488522236;
  constexpr int32_t kSqrtHalf = 1518500250;
  constexpr int32_t kSqrtSqrtHalf = 1805811301;
  constexpr int32_t kAlphaN = 117049297;   // 11/240 * 2^(1/4)
  constexpr int32_t kAlphaD = 127690142;   // 1/20 * 2^(1/4)
  constexpr int32_t kAlphaI = 1057819769;  // 2 / 2^(1/4) - 2^(1/4)
  constexpr int32_t kAlphaF = 638450708;   // 1/4 * 2^(1/4)
  constexpr int32_t kQuarter = 1 << 23;    // in Q6.25
  const int headroom = std::countl_zero(static_cast<uint32_t>(x));
  const int32_t r_a = ShiftLeft(Mul(ShiftLeft(x, headroom - 1), kSqrtHalf), 1);
  const int32_t n_a = QuarterOff(kSumBits - headroom, kQuarter);
  const int headroom_b = std::countl_zero(static_cast<uint32_t>(Mul(x, kSqrtHalf))) - 1;
  const int32_t r_b = ShiftLeft(x, headroom_b);
  const int32_t n_b = QuarterOff(kSumBits - headroom_b, -kQuarter);
  const int32_t r = std::min(r_a, r_b);
  const int32_t n = std::max(n_a, n_b);
  const auto p = static_cast<int32_t>((int64_t{r} + kSqrtSqrtHalf + 1) / 2);
  const int32_t half_q = r - kSqrtSqrtHalf;
  const int32_t q = half_q + half_q;
  const int32_t q2 = Mul(q, q);
  const int32_t numerator = Mul(q, r) + Mul(Mul(q, q2), kAlphaN);
  const int32_t denominator = Mul(p, kAlphaI + q + Mul(kAlphaD, q2)) + Mul(kAlphaF, q);
  const int32_t fraction = Mul(RoundingDivideByPot(numerator, 6), OneOverOnePlus(denominator));
  return ShiftLeft(Mul(n, kLog2) + fraction, 1);
}

int32_t ExpOf(int32_t difference) { return RoundingDivideByPot(ExpOnNegative(difference, 5), kSumBits); }

}  // namespace

std::optional<LogSoftmaxParams> LogSoftmaxScaling(float input_scale) {
  const auto scaling = SoftmaxScaling(1.0F, input_scale);
  if (!scaling) return std::nullopt;
  LogSoftmaxParams p;
  p.multiplier = scaling->multiplier;
  p.diff_min = scaling->diff_min;
  const double reverse =
      static_cast<double>(int64_t{1} << (31 - p.multiplier.shift)) / static_cast<double>(p.multiplier.multiplier);
  p.reverse = QuantizeMultiplier(reverse);
  return p;
}

template <typename T>
void LogSoftmaxRef(const LogSoftmaxParams& p, const T* input, T* output) {
  constexpr int32_t kMin = std::numeric_limits<T>::min();
  constexpr int32_t kMax = std::numeric_limits<T>::max();
  const T* row = input;
  for (int64_t i = 0; i < p.rows; ++i, row += p.depth, output += p.depth) {
    const int32_t max = *std::max_element(row, row + p.depth);
    uint32_t sum = 0;
    for (int32_t c = 0; c < p.depth; ++c) {
      const int32_t d = row[c] - max;
      if (d >= p.diff_min) sum += static_cast<uint32_t>(ExpOf(MultiplyDoubleRounding(d, p.multiplier)));
    }
    const int32_t log = LogOf(static_cast<int32_t>(std::clamp<uint32_t>(sum, 1, 0x7fffffff)));
    const int32_t least = WrappingAdd(log, std::numeric_limits<int32_t>::min());
    const int32_t diff_min = std::max(p.diff_min - 1, MultiplyDoubleRounding(least, p.reverse));
    for (int32_t c = 0; c < p.depth; ++c) {
      const int32_t d = row[c] - max;
      int32_t value = kMin;
      if (d > diff_min) value = kMax + RoundingDivideByPot(MultiplyDoubleRounding(d, p.multiplier) - log, 22);
      output[c] = Saturate<T>(value);
    }
  }
}

template <typename T>
void LogSoftmaxOptimisedRef(float input_scale, int64_t rows, int32_t depth, const T* input, T* output) {
  constexpr float kOutputScale = 16.0F / 256;
  constexpr int32_t kMax = std::numeric_limits<T>::max();
  const float scale = input_scale / kOutputScale;
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const int32_t max = *std::max_element(input, input + depth);
    float sum = 0;
    for (int32_t c = 0; c < depth; ++c) sum += std::exp(-input_scale * static_cast<float>(max - input[c]));
    const float offset = (input_scale * static_cast<float>(max) + std::log(sum)) / kOutputScale;
    for (int32_t c = 0; c < depth; ++c) {
      const float steps = std::rint(scale * static_cast<float>(input[c]) - offset);
      output[c] = Saturate<T>(WrappingAdd(ToInt32(static_cast<double>(steps)), kMax));
    }
  }
}

template void LogSoftmaxOptimisedRef<int8_t>(float, int64_t, int32_t, const int8_t*, int8_t*);
template void LogSoftmaxOptimisedRef<uint8_t>(float, int64_t, int32_t, const uint8_t*, uint8_t*);
template void LogSoftmaxRef<int8_t>(const LogSoftmaxParams&, const int8_t*, int8_t*);
template void LogSoftmaxRef<uint8_t>(const LogSoftmaxParams&, const uint8_t*, uint8_t*);

void LogSoftmaxF32Ref(int64_t rows, int32_t depth, const float* input, float* output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    const float max = *std::max_element(input, input + depth);
    float sum = 0;
    for (int32_t c = 0; c < depth; ++c) sum += std::exp(input[c] - max);
    const float log = std::log(sum);
    for (int32_t c = 0; c < depth; ++c) output[c] = input[c] - max - log;
  }
}

}  // namespace glimpse::kernels
