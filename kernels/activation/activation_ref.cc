// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/activation/activation.h"
#include "kernels/quant/exp.h"

namespace glimpse::kernels {
namespace {

template <typename Function>
Int8Table Tabulate(Function function) {
  Int8Table table{};
  for (int32_t q = -128; q <= 127; ++q) table[static_cast<size_t>(q + 128)] = function(q);
  return table;
}

int8_t Clamp(int32_t value, int32_t min, int32_t max) {
  return static_cast<int8_t>(std::min(std::max(value, min), max));
}

FixedPointMultiplier RescaleMultiplier(Profile profile, PerTensor input, PerTensor output) {
  if (profile == Profile::kTfliteMicro) {
    return QuantizeMultiplier(static_cast<double>(input.scale) / static_cast<double>(output.scale));
  }
  return QuantizeMultiplier(static_cast<double>(input.scale / output.scale));
}

Int8Table RescaledAndClamped(Profile profile, PerTensor input, PerTensor output, int32_t max) {
  const FixedPointMultiplier m = RescaleMultiplier(profile, input, output);
  return Tabulate([=](int32_t q) {
    const int32_t scaled = MultiplyDoubleRounding(q - input.zero_point, m);
    return Clamp(WrappingAdd(scaled, output.zero_point), output.zero_point, max);
  });
}

// zero_point + round(6 / scale), at most 127.
int32_t QuantizedSix(PerTensor tensor) {
  return std::min(127, WrappingAdd(tensor.zero_point, ToInt32(static_cast<double>(std::round(6.0F / tensor.scale)))));
}

Int8Table LitertLogisticTable(PerTensor input, PerTensor output) {
  const float inverse_scale = 1 / output.scale;
  return Tabulate([=](int32_t q) {
    const float x = input.scale * static_cast<float>(q - input.zero_point);
    const float y = 1.0F / (1.0F + std::exp(-x));
    const float rescaled = std::round(y * inverse_scale);
    return Clamp(ToInt32(static_cast<double>(rescaled + static_cast<float>(output.zero_point))), -128, 127);
  });
}

std::optional<Int8Table> MicroLogisticTable(PerTensor input) {
  constexpr int kInputBits = 4;
  int shift = 0;
  const double fraction = std::frexp(static_cast<double>(input.scale) * (1 << (31 - kInputBits)), &shift);
  if (shift < 0 || shift > 62) return std::nullopt;
  // Inputs beyond the radius saturate, so the shift to the left below loses no bits.
  const double radius =
      ((1 << kInputBits) - 1) * static_cast<double>(1 << (31 - kInputBits)) / static_cast<double>(int64_t{1} << shift);
  const auto multiplier = static_cast<int32_t>(std::min(std::round(fraction * 2147483648.0), 2147483647.0));
  const auto range = static_cast<int32_t>(std::floor(radius));
  return Tabulate([=](int32_t q) -> int8_t {
    const int32_t x = q - input.zero_point;
    if (x <= -range) return -128;
    if (x >= range) return 127;
    const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << std::min(shift, 31));
    const int32_t in_q4 = SaturatingRoundingDoublingHighMul(shifted, multiplier);
    return Clamp(RoundingDivideByPot(Logistic(in_q4, kInputBits), 31 - 8) - 128, -128, 127);
  });
}

}  // namespace

void LookUpS8Ref(const Int8Table& table, int64_t count, const int8_t* input, int8_t* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = table[static_cast<size_t>(input[i] + 128)];
}

Int8Table ReluTable(Profile profile, PerTensor input, PerTensor output) {
  return RescaledAndClamped(profile, input, output, 127);
}

Int8Table Relu6Table(Profile profile, PerTensor input, PerTensor output) {
  if (profile != Profile::kTfliteMicro) return RescaledAndClamped(profile, input, output, QuantizedSix(output));
  const int32_t six = std::max(-128, QuantizedSix(input));
  return Tabulate([=](int32_t q) { return q > six ? Clamp(six, -128, 127) : Clamp(q, input.zero_point, 127); });
}

Int8Table LeakyReluTable(Profile profile, PerTensor input, PerTensor output, float alpha) {
  const FixedPointMultiplier identity = RescaleMultiplier(profile, input, output);
  const double slope =
      profile == Profile::kTfliteMicro
          ? static_cast<double>(input.scale) * static_cast<double>(alpha) / static_cast<double>(output.scale)
          : static_cast<double>(input.scale * alpha / output.scale);
  const FixedPointMultiplier below = QuantizeMultiplier(std::abs(slope));
  return Tabulate([=](int32_t q) {
    const int32_t x = q - input.zero_point;
    int32_t scaled = MultiplyDoubleRounding(x, x >= 0 ? identity : below);
    if (x < 0 && slope < 0) scaled = -scaled;
    return Clamp(WrappingAdd(scaled, output.zero_point), -128, 127);
  });
}

std::optional<Int8Table> LogisticTable(Profile profile, PerTensor input, PerTensor output) {
  if (profile == Profile::kTfliteMicro) return MicroLogisticTable(input);
  return LitertLogisticTable(input, output);
}

}  // namespace glimpse::kernels
