// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/hybrid/hybrid.h"

namespace glimpse::kernels {
namespace {

// clamp(zero_point + rounded(values[i] * factor), min, 127) for the whole row.
void StoreRow(const float* values, int32_t count, float factor, int32_t zero_point, int32_t min, int8_t* stored) {
  const int32_t by_eights = count / 8 * 8;
  for (int32_t i = 0; i < count; ++i) {
    const float x = values[i] * factor;
    const float rounded = i < by_eights ? std::trunc(x + (x < 0 ? -0.5F : 0.5F)) : std::round(x);
    const int32_t sum = WrappingAdd(ToInt32(static_cast<double>(rounded)), zero_point);
    stored[i] = static_cast<int8_t>(std::clamp(sum, min, 127));
  }
}

// Of the zero points that map the minimum to -128 and the maximum to 127 exactly, the one with the smaller error.
int32_t NudgedZeroPoint(double min, double max, double scale) {
  const double from_min = -128.0 - min / scale;
  const double from_max = 127.0 - max / scale;
  const double error_min = 128.0 + std::abs(min / scale);
  const double error_max = 127.0 + std::abs(max / scale);
  const double zero_point = error_min < error_max ? from_min : from_max;
  if (zero_point <= -128.0) return -128;
  if (zero_point >= 127.0) return 127;
  return ToInt32(std::round(zero_point));
}

}  // namespace

RowQuantization QuantizeRowSymmetric(const float* values, int32_t count, int8_t* stored) {
  const auto [min, max] = std::minmax_element(values, values + count);
  const float range = count == 0 ? 0.0F : std::max(std::abs(*min), std::abs(*max));
  if (range == 0.0F) {
    std::fill_n(stored, count, int8_t{0});
    return {};
  }
  StoreRow(values, count, 127.0F / range, 0, -127, stored);
  return {range / 127.0F, 0};
}

RowQuantization QuantizeRowAsymmetric(const float* values, int32_t count, int8_t* stored) {
  const auto [low, high] = std::minmax_element(values, values + count);
  const float min = count == 0 ? 0.0F : std::min(0.0F, *low);
  const float max = count == 0 ? 0.0F : std::max(0.0F, *high);
  if (min == max) {
    std::fill_n(stored, count, int8_t{0});
    return {};
  }
  const double scale = static_cast<double>(max - min) / 255.0;
  const RowQuantization row = {static_cast<float>(scale),
                               NudgedZeroPoint(static_cast<double>(min), static_cast<double>(max), scale)};
  const float inverse = row.scale == 0 ? 0.0F : static_cast<float>(1.0 / static_cast<double>(row.scale));
  StoreRow(values, count, inverse, row.zero_point, -128, stored);
  return row;
}

RowQuantization QuantizeRow(const float* values, int32_t count, bool asymmetric, int8_t* stored) {
  return asymmetric ? QuantizeRowAsymmetric(values, count, stored) : QuantizeRowSymmetric(values, count, stored);
}

bool AllZero(const float* values, int64_t count) {
  return std::all_of(values, values + count, [](float value) { return value == 0.0F; });
}

float ActivateFloat(Activation activation, float x) {
  switch (activation) {
    case Activation::kNone:
      break;
    case Activation::kRelu:
      return std::max(0.0F, x);
    case Activation::kReluN1To1:
      return std::max(-1.0F, std::min(x, 1.0F));
    case Activation::kRelu6:
      return std::max(0.0F, std::min(x, 6.0F));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSignBit:
      return std::signbit(x) ? 1.0F : 0.0F;
  }
  return x;
}

}  // namespace glimpse::kernels
