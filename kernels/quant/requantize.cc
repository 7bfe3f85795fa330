// SPDX-License-Identifier: Apache-2.0
#include "kernels/quant/requantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace glimpse::kernels {
namespace {

// zero_point + round(bound / scale), or nothing when it leaves int32.
std::optional<int32_t> QuantizedBound(float bound, float scale, int32_t zero_point) {
  const float steps = std::round(bound / scale);
  if (!(std::abs(steps) <= 2147483000.0F - 256.0F)) return std::nullopt;
  return zero_point + static_cast<int32_t>(steps);
}

}  // namespace

int32_t ToInt32(double x) {
  if (!(x >= -2147483648.0 && x <= 2147483647.0)) return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(x);
}

int32_t RoundRealHalfAway(int32_t acc, double scale) { return ToInt32(std::round(static_cast<double>(acc) * scale)); }

int32_t RoundFloatHalfEven(int32_t acc, float scale) {
  return ToInt32(static_cast<double>(std::rint(static_cast<float>(acc) * scale)));
}

int32_t MultiplyHalfUp(int32_t x, FixedPointMultiplier m) {
  const int left = std::max(m.shift, 0);
  const int right = std::max(-m.shift, 0);
  const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << left);
  const int64_t high = SaturatingRoundingDoublingHighMul(shifted, m.multiplier);
  return right == 0 ? static_cast<int32_t>(high) : static_cast<int32_t>((high + (int64_t{1} << (right - 1))) >> right);
}

std::optional<ActivationRange> QuantizedActivationRange(Activation activation, float scale, int32_t zero_point,
                                                        ActivationRange type) {
  float low = 0;
  float high = 0;
  switch (activation) {
    case Activation::kNone:
      return type;
    case Activation::kRelu:
      return ActivationRange{std::max(type.min, zero_point), type.max};
    case Activation::kRelu6:
      high = 6;
      break;
    case Activation::kReluN1To1:
      low = -1;
      high = 1;
      break;
    case Activation::kTanh:
    case Activation::kSignBit:
      return std::nullopt;
  }
  const std::optional<int32_t> min = QuantizedBound(low, scale, zero_point);
  const std::optional<int32_t> max = QuantizedBound(high, scale, zero_point);
  if (!min || !max) return std::nullopt;
  return ActivationRange{std::max(type.min, *min), std::min(type.max, *max)};
}

std::optional<ActivationRange> DelegatedActivationRange(Activation activation, float scale, int32_t zero_point,
                                                        ActivationRange type) {
  const auto quantized = [&](float bound) {
    const float steps = bound / scale + static_cast<float>(zero_point);
    return static_cast<int32_t>(
        std::rint(std::clamp(steps, static_cast<float>(type.min), static_cast<float>(type.max))));
  };
  switch (activation) {
    case Activation::kNone:
      return type;
    case Activation::kRelu:
      return ActivationRange{quantized(0), type.max};
    case Activation::kReluN1To1:
      return ActivationRange{quantized(-1), quantized(1)};
    case Activation::kRelu6:
      return ActivationRange{quantized(0), quantized(6)};
    case Activation::kTanh:
    case Activation::kSignBit:
      break;
  }
  return std::nullopt;
}

int8_t QuantizeToInt8(float x, float scale, int32_t zero_point) {
  const int32_t steps = ToInt32(static_cast<double>(std::round(x / scale)));
  return static_cast<int8_t>(std::clamp(WrappingAdd(steps, zero_point), -128, 127));
}

}  // namespace glimpse::kernels
