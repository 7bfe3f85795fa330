// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/activation/activation.h"

namespace glimpse::kernels {
namespace {

double Quotient(Profile profile, PerTensor input, PerTensor output) {
  if (profile == Profile::kTfliteMicro) return static_cast<double>(input.scale) / static_cast<double>(output.scale);
  return static_cast<double>(input.scale / output.scale);
}

// zero_point + round(bound / scale).
int32_t Quantized(float bound, PerTensor tensor) {
  return WrappingAdd(tensor.zero_point, ToInt32(static_cast<double>(std::round(bound / tensor.scale))));
}

}  // namespace

template <typename T>
ReluParams MakeRelu(Profile profile, ReluBounds bounds, PerTensor input, PerTensor output) {
  constexpr int32_t kMin = std::numeric_limits<T>::min();
  constexpr int32_t kMax = std::numeric_limits<T>::max();
  ReluParams p;
  if (profile == Profile::kTfliteMicro && std::isfinite(bounds.high)) {
    p.rescale = false;
    p.min = input.zero_point;
    p.max = std::clamp(Quantized(bounds.high, input), kMin, kMax);
    return p;
  }
  p.input_zero_point = input.zero_point;
  p.output_zero_point = output.zero_point;
  p.multiplier = QuantizeMultiplier(Quotient(profile, input, output));
  p.min = std::max(kMin, Quantized(bounds.low, output));
  p.max = std::isfinite(bounds.high) ? std::min(kMax, Quantized(bounds.high, output)) : kMax;
  return p;
}

template <typename T>
T ReluOf(const ReluParams& p, int32_t q) {
  if (!p.rescale) return static_cast<T>(q > p.max ? p.max : std::max(q, p.min));
  const int32_t scaled = MultiplyDoubleRounding(q - p.input_zero_point, p.multiplier);
  return static_cast<T>(std::min(std::max(WrappingAdd(scaled, p.output_zero_point), p.min), p.max));
}

template <typename T>
LeakyReluParams MakeLeakyRelu(Profile profile, PerTensor input, PerTensor output, float alpha) {
  LeakyReluParams p;
  p.input_zero_point = input.zero_point;
  p.output_zero_point = output.zero_point;
  p.identity = QuantizeMultiplier(Quotient(profile, input, output));
  const double slope =
      profile == Profile::kTfliteMicro
          ? static_cast<double>(input.scale) * static_cast<double>(alpha) / static_cast<double>(output.scale)
          : static_cast<double>(input.scale * alpha / output.scale);
  p.below = QuantizeMultiplier(std::abs(slope));
  p.negative_below = slope < 0;
  const float ratio = input.scale / output.scale;
  const float below = ratio * alpha;
  p.coarse = profile == Profile::kLitertXnnpack && sizeof(T) == 1 && std::isnormal(alpha) && ratio >= 0x1p-8F &&
             ratio <= 0x1p7F && std::abs(below) >= 0x1p-8F && below >= -0x1.FFFC00p6F && below <= 0x1p7F;
  if (p.coarse) {
    p.identity_256 = ToInt32(static_cast<double>(std::rint(ratio * 256)));
    p.below_256 = ToInt32(static_cast<double>(std::rint(below * 256)));
  }
  return p;
}

template <typename T>
T LeakyReluOf(const LeakyReluParams& p, int32_t q) {
  const int32_t x = q - p.input_zero_point;
  if (p.coarse) {
    const int32_t factor = x >= 0 ? p.identity_256 : p.below_256;
    return Saturate<T>((p.output_zero_point * 256 + 128 + x * factor) >> 8);
  }
  int32_t scaled = MultiplyDoubleRounding(x, x >= 0 ? p.identity : p.below);
  if (x < 0 && p.negative_below) scaled = -scaled;
  return Saturate<T>(WrappingAdd(scaled, p.output_zero_point));
}

void ReluS16Ref(const ReluParams& params, int64_t count, const int16_t* input, int16_t* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = ReluOf<int16_t>(params, input[i]);
}

void LeakyReluS16Ref(const LeakyReluParams& params, int64_t count, const int16_t* input, int16_t* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = LeakyReluOf<int16_t>(params, input[i]);
}

void ReluF32Ref(ReluBounds bounds, int64_t count, const float* input, float* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = std::min(std::max(input[i], bounds.low), bounds.high);
}

void LeakyReluF32Ref(float alpha, int64_t count, const float* input, float* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = input[i] > 0 ? input[i] : input[i] * alpha;
}

PreluScales MakePreluScales(Profile profile, float input_scale, float alpha_scale, float output_scale) {
  if (profile == Profile::kTfliteMicro) {
    const double in = static_cast<double>(input_scale);
    const double out = static_cast<double>(output_scale);
    return {in / out, in * static_cast<double>(alpha_scale) / out};
  }
  return {static_cast<double>(input_scale / output_scale),
          static_cast<double>(input_scale * alpha_scale / output_scale)};
}

template <typename T>
void PreluRef(const PreluParams& p, const T* input, const T* alpha, T* output) {
  int64_t i = 0;
  for (int32_t a = 0; a < p.dims[0]; ++a) {
    for (int32_t b = 0; b < p.dims[1]; ++b) {
      for (int32_t c = 0; c < p.dims[2]; ++c) {
        for (int32_t d = 0; d < p.dims[3]; ++d, ++i) {
          const T slope =
              alpha[a * p.alpha_strides[0] + b * p.alpha_strides[1] + c * p.alpha_strides[2] + d * p.alpha_strides[3]];
          if constexpr (std::is_floating_point_v<T>) {
            output[i] = input[i] >= 0 ? input[i] : input[i] * slope;
          } else {
            const int32_t x = input[i] - p.input_zero_point;
            const int32_t scaled = x >= 0 ? MultiplyDoubleRounding(x, p.identity)
                                          : MultiplyDoubleRounding(x * (slope - p.alpha_zero_point), p.below);
            output[i] = Saturate<T>(WrappingAdd(scaled, p.output_zero_point));
          }
        }
      }
    }
  }
}

#define GLIMPSE_INSTANTIATE(T)                                                     \
  template ReluParams MakeRelu<T>(Profile, ReluBounds, PerTensor, PerTensor);      \
  template LeakyReluParams MakeLeakyRelu<T>(Profile, PerTensor, PerTensor, float); \
  template T ReluOf<T>(const ReluParams&, int32_t);                                \
  template T LeakyReluOf<T>(const LeakyReluParams&, int32_t);                      \
  template void PreluRef<T>(const PreluParams&, const T*, const T*, T*);
GLIMPSE_INSTANTIATE(int8_t)
GLIMPSE_INSTANTIATE(uint8_t)
GLIMPSE_INSTANTIATE(int16_t)
#undef GLIMPSE_INSTANTIATE
template void PreluRef<float>(const PreluParams&, const float*, const float*, float*);

}  // namespace glimpse::kernels
