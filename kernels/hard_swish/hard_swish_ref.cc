// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "kernels/hard_swish/hard_swish.h"
#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {
namespace {

// Multiplier of 16 bits: of 31 bits, rounded half up, saturated.
struct Multiplier16 {
  int16_t multiplier = 0;
  int shift = 0;
};

Multiplier16 Narrow(double real) {
  const FixedPointMultiplier wide = QuantizeMultiplier(real);
  constexpr int32_t kHalf = 1 << 15;
  if (wide.multiplier >= std::numeric_limits<int32_t>::max() - kHalf) {
    return {std::numeric_limits<int16_t>::max(), wide.shift};
  }
  return {static_cast<int16_t>((wide.multiplier + kHalf) >> 16), wide.shift};
}

// round(a * b / 2^15) upwards at ties, and the same truncated; b is not -32768.
int16_t RoundingHighMul(int16_t a, int16_t b) { return static_cast<int16_t>((a * b + (1 << 14)) >> 15); }
int16_t TruncatingHighMul(int16_t a, int16_t b) { return static_cast<int16_t>(a * b / (1 << 15)); }

int16_t ShiftLeft(int16_t a, int bits) {
  return static_cast<int16_t>(std::clamp<int64_t>(int64_t{a} * (int64_t{1} << bits), -32768, 32767));
}

// x / 2^exponent in 16 bits, ties away from zero. From 2^16 on gemmlowp's mask of 16 bits is -1, and with it what is
// not negative becomes 1.
int32_t RoundingDivide(int16_t x, int exponent) {
  if (exponent < 16) return RoundingDivideByPot(x, exponent);
  return x >= 0 ? 1 : -1;
}

int16_t Gate(int16_t x, Multiplier16 m) {
  if (m.shift > 0) x = ShiftLeft(x, m.shift - 1);
  x = RoundingHighMul(x, m.multiplier);
  if (m.shift > 0) x = ShiftLeft(x, 1);
  if (m.shift < 0) x = static_cast<int16_t>(RoundingDivide(x, -m.shift));
  return static_cast<int16_t>((x + (1 << 15)) >> 1);
}

}  // namespace

template <typename T>
std::optional<ByteTable> HardSwishTable(PerTensor input, PerTensor output) {
  const float scale = (1.0F / 128.0F) * input.scale;
  const float output_ratio = scale / output.scale;
  const float gate_ratio = scale / (3.0F / 32768.0F);
  const Multiplier16 to_output = Narrow(static_cast<double>(output_ratio));
  if (to_output.shift > 0 || !(gate_ratio < 0x1p30F)) return std::nullopt;
  const Multiplier16 to_gate = Narrow(static_cast<double>(gate_ratio));
  return Tabulate<T>([=](int32_t q) {
    const auto x = static_cast<int16_t>((q - input.zero_point) * 128);
    const int16_t preshift = RoundingHighMul(x, to_output.multiplier);
    const int16_t product = TruncatingHighMul(Gate(x, to_gate), preshift);
    const auto value = static_cast<int16_t>(RoundingDivide(product, -to_output.shift) + output.zero_point);
    return Saturate<T>(value);
  });
}

template std::optional<ByteTable> HardSwishTable<int8_t>(PerTensor, PerTensor);
template std::optional<ByteTable> HardSwishTable<uint8_t>(PerTensor, PerTensor);

void HardSwishF32Ref(int64_t count, const float* input, float* output) {
  for (int64_t i = 0; i < count; ++i) {
    const float x = input[i];
    output[i] = x * std::min(6.0F, std::max(0.0F, x + 3)) / 6;
  }
}

}  // namespace glimpse::kernels
