// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>

#include "kernels/quant/exp.h"
#include "kernels/quant/fixed_point.h"
#include "kernels/sigmoid/sigmoid.h"

namespace glimpse::kernels {
namespace {

// About 65536 / (1 + exp(-i / 24)). Forty entries are one above the nearest integer: a formula would not give them.
constexpr uint16_t kSamples[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064, 42688,
    43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409,
    51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433,
    57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110,
    61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186,
    63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308,
    64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900,
    64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208,
    65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367,
    65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449,
    65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491,
    65493, 65495, 65497, 65498, 65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513,
    65514, 65515, 65516, 65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
    65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530,
    65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
    65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535};

// The stored number as a position: 512 (LOGISTIC) or 256 (TANH) a sample.
int32_t PositionOf(SigmoidS16Params p, int16_t q) {
  const auto product = static_cast<uint32_t>(int64_t{q} * int64_t{p.multiplier});
  const uint32_t half = p.shift > 0 ? 1U << (p.shift - 1) : 0;
  return static_cast<int32_t>(product + half) >> p.shift;
}

// The straight line between samples at |position|, times 2^bits.
uint32_t Interpolate(uint32_t position, int bits) {
  const uint32_t index = position >> bits;
  const uint32_t below = kSamples[index];
  return (below << bits) + (position & ((1U << bits) - 1)) * (kSamples[index + 1] - below);
}

uint32_t Magnitude(int32_t position) {
  return position < 0 ? 0U - static_cast<uint32_t>(position) : static_cast<uint32_t>(position);
}

}  // namespace

float SigmoidOf(Sigmoid function, float x) {
  return function == Sigmoid::kTanh ? std::tanh(x) : 1.0F / (1.0F + std::exp(-x));
}

std::optional<ByteTable> SigmoidMicroS8(Sigmoid function, PerTensor input) {
  constexpr int kInputBits = 4;
  int shift = 0;
  const double fraction = std::frexp(static_cast<double>(input.scale) * (1 << (31 - kInputBits)), &shift);
  if (shift < 0 || shift > 62) return std::nullopt;
  // Inputs beyond the radius saturate, so the shift to the left below loses no bits.
  const double radius =
      ((1 << kInputBits) - 1) * static_cast<double>(1 << (31 - kInputBits)) / static_cast<double>(int64_t{1} << shift);
  const auto multiplier = static_cast<int32_t>(std::min(std::round(fraction * 2147483648.0), 2147483647.0));
  const auto range = static_cast<int32_t>(std::floor(radius));
  return Tabulate<int8_t>([=](int32_t q) -> int8_t {
    const int32_t x = q - input.zero_point;
    if (x <= -range) return -128;
    if (x >= range) return 127;
    const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << std::min(shift, 31));
    const int32_t in_q4 = SaturatingRoundingDoublingHighMul(shifted, multiplier);
    if (function == Sigmoid::kTanh) return Saturate<int8_t>(RoundingDivideByPot(Tanh(in_q4, kInputBits), 31 - 7));
    return Saturate<int8_t>(RoundingDivideByPot(Logistic(in_q4, kInputBits), 31 - 8) - 128);
  });
}

bool IsPowerOfTwo(float scale, int* exponent) {
  const float log2 = std::log(scale) * (1.0F / std::log(2.0F));
  const float rounded = std::round(log2);
  *exponent = static_cast<int>(rounded);
  return std::abs(log2 - rounded) < 1e-3F;
}

std::optional<SigmoidS16Params> MakeSigmoidS16(Sigmoid function, float input_scale) {
  int exponent = 0;
  if (IsPowerOfTwo(input_scale, &exponent)) {
    const int shift = exponent + 12;
    if (shift == 0 || (shift == 1 && function == Sigmoid::kTanh)) return SigmoidS16Params{3 << shift, 0, true};
  }
  double multiplier = static_cast<double>(input_scale) * 4096.0 * 3.0;
  int shift = 0;
  while (multiplier <= 32767.0 / 2 && shift <= 30) {
    multiplier *= 2;
    ++shift;
  }
  if (!(multiplier < 2147483648.0)) return std::nullopt;
  return SigmoidS16Params{static_cast<int32_t>(multiplier), shift, false};
}

void LogisticS16Ref(SigmoidS16Params params, int64_t count, const int16_t* input, int16_t* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int32_t position = PositionOf(params, input[i]);
    const uint32_t magnitude = Magnitude(position);
    uint32_t value = (magnitude >> 9) >= 255 ? 0x7fffU << 10 : Interpolate(magnitude, 9);
    value = position >= 0 ? value + (1U << 9) : (1U << 25) - value + (1U << 9) - 1;
    output[i] = static_cast<int16_t>(value >> 10);
  }
}

void TanhS16Ref(SigmoidS16Params params, int64_t count, const int16_t* input, int16_t* output) {
  constexpr int32_t kOne = 1 << 23;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t position = PositionOf(params, input[i]);
    const uint32_t magnitude = Magnitude(position);
    auto value = static_cast<int32_t>((magnitude >> 8) >= 255 ? 0xffffU << 8 : Interpolate(magnitude, 8));
    value = position >= 0 ? value - kOne + (1 << 7) : -value + kOne + (1 << 7) - 1;
    output[i] = static_cast<int16_t>(value >> 8);
  }
}

void SigmoidOptimisedS16Ref(Sigmoid function, int shift, int64_t count, const int16_t* input, int16_t* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int16_t x = Saturate<int16_t>(input[i] * (1 << shift));
    output[i] = function == Sigmoid::kTanh ? Tanh(x, 3) : Logistic(x, 3);
  }
}

void SigmoidF32Ref(Sigmoid function, int64_t count, const float* input, float* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = SigmoidOf(function, input[i]);
}

}  // namespace glimpse::kernels
