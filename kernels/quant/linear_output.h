// SPDX-License-Identifier: Apache-2.0
// The end of every sum of products: zero points going in, scale, zero point and clamp going out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// Quantization of a linear operator. Zero points within their types, scales as OutputScaleFor makes them, all with the
// same rounding, or all that double-round after all others; min <= max within the output's type.
struct LinearParams {
  int32_t input_zero_point = 0;
  int32_t filter_zero_point = 0;  // not 0 for uint8 alone
  int32_t output_zero_point = 0;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
  const OutputScale* scales = nullptr;  // one an output channel
};

// Range that a fused activation leaves of a float output.
struct FloatRange {
  float min = std::numeric_limits<float>::lowest();
  float max = std::numeric_limits<float>::max();
};

// RELU, RELU6 and RELU_N1_TO_1 bound the output; all others leave the finite floats, so that infinity becomes the
// largest of them. Source: TFLite, kernels/kernel_util.h (CalculateActivationRange).
constexpr FloatRange FloatActivationRange(Activation activation) {
  FloatRange range;
  if (activation == Activation::kRelu || activation == Activation::kRelu6) range.min = 0;
  if (activation == Activation::kRelu6) range.max = 6;
  if (activation == Activation::kReluN1To1) range = {-1, 1};
  return range;
}

// `x` within the range; NaN stays NaN.
constexpr float ClampFloat(float x, FloatRange range) { return std::min(std::max(x, range.min), range.max); }

// The type that sums with such a bias are formed in: integers wrap.
template <typename Bias>
struct LinearSumOf {
  using Type = std::make_unsigned_t<Bias>;
};
template <>
struct LinearSumOf<float> {
  using Type = float;
};
template <typename Bias>
using LinearSum = typename LinearSumOf<Bias>::Type;

// Stores sums as T: clamp(zero_point + scaled sum, min, max), the addition modulo 2^32. The scaled sum is
// MultiplyReduced for a 64-bit sum, otherwise what the channel's scale says. kDoubleOnly: all say double rounding,
// which saves the question.
template <typename T, typename Bias, bool kDoubleOnly>
class QuantizedStore {
 public:
  using Output = T;
  explicit QuantizedStore(const LinearParams& params) : p_(params) {}

  T operator()(int32_t channel, Bias sum) const {
    int32_t scaled = 0;
    if constexpr (std::is_same_v<Bias, int64_t>) {
      scaled = MultiplyReduced(sum, p_.scales[channel].fixed);
    } else if constexpr (kDoubleOnly) {
      scaled = MultiplyDoubleRounding(sum, p_.scales[channel].fixed);
    } else {
      scaled = Requantize(sum, p_.scales[channel]);
    }
    return static_cast<T>(std::clamp(WrappingAdd(scaled, p_.output_zero_point), p_.output_min, p_.output_max));
  }

 private:
  const LinearParams p_;
};

// Calls `body` with the store that fits the scales. Where roundings are mixed, double rounding comes last.
template <typename T, typename Bias, typename Body>
void WithQuantizedStore(const LinearParams& params, Body body) {
  if (params.scales[0].rounding == Rounding::kDouble) {
    body(QuantizedStore<T, Bias, true>(params));
  } else {
    body(QuantizedStore<T, Bias, false>(params));
  }
}

}  // namespace glimpse::kernels
