// SPDX-License-Identifier: Apache-2.0
#include "media/quantise.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/strings.h"

namespace glimpse::media {

Result<std::array<double, 256>> RealTable(const config::NormaliseStep& step) {
  const auto [low, high] = step.range.value_or(std::pair{0.0, 1.0});
  if (!std::isfinite(low) || !std::isfinite(high) || low >= high) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("normalise: range [", low, ", ", high, "] must be two finite numbers, the smaller first"));
  }
  if (step.range && step.mean_std) {
    return Unexpected(ErrorCode::kInvalidConfig, "normalise: give range or mean and std, not both");
  }
  if (step.mean_std) return AffineTable(Affine{step.mean_std->first, step.mean_std->second});
  std::array<double, 256> real{};
  for (int pixel = 0; pixel < 256; ++pixel) real[static_cast<size_t>(pixel)] = low + (high - low) * pixel / 255;
  return real;
}

Result<std::array<double, 256>> AffineTable(const Affine& normalisation) {
  const auto [mean, deviation] = normalisation;
  if (!std::isfinite(mean) || !std::isfinite(deviation) || deviation <= 0) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat("normalise: mean ", mean, " must be finite and std ", deviation,
                                                        " finite and greater than 0"));
  }
  std::array<double, 256> real{};
  for (int pixel = 0; pixel < 256; ++pixel)
    real[static_cast<size_t>(pixel)] = (static_cast<double>(pixel) - mean) / deviation;
  return real;
}

Result<std::array<uint8_t, 256>> QuantiseTable(const std::array<double, 256>& real, const InputSpec& input) {
  const bool is_signed = input.type == InputType::kInt8;
  const int low = is_signed ? -128 : 0;
  const int high = is_signed ? 127 : 255;
  const auto scale = static_cast<float>(input.scale);
  if (!std::isfinite(scale) || scale <= 0) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("the model's input has scale ", input.scale, ", it must be finite and greater than 0"));
  }
  if (input.zero_point < low || input.zero_point > high) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat("the model's input has zero point ", input.zero_point,
                                                        ", its type holds ", low, " to ", high));
  }
  std::array<uint8_t, 256> table{};
  for (size_t pixel = 0; pixel < table.size(); ++pixel) {
    const float steps = std::round(static_cast<float>(real[pixel]) / scale);  // ties away from zero
    // Far outside every type's range the sum is clamped anyway, and the conversion to int stays defined.
    const auto bounded = static_cast<int>(std::clamp(steps, -65536.0f, 65536.0f));
    const int q = std::clamp(bounded + static_cast<int>(input.zero_point), low, high);
    table[pixel] = static_cast<uint8_t>(q);
  }
  return table;
}

}  // namespace glimpse::media
