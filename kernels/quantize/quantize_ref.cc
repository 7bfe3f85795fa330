// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/quant/lookup.h"
#include "kernels/quant/requantize.h"
#include "kernels/quantize/quantize.h"

namespace glimpse::kernels {
namespace {

int64_t ChannelOf(const ChannelScales& s, int64_t i) { return i / s.inner % s.channels; }

template <typename T>
T Multiplied(float x, float scale, int32_t zero_point) {
  const float low = static_cast<float>(std::numeric_limits<T>::min() - zero_point);
  const float high = static_cast<float>(std::numeric_limits<T>::max() - zero_point);
  const float steps = x * (1.0F / scale);
  const float bounded = steps > low ? std::min(steps, high) : low;  // NaN: low
  return static_cast<T>(static_cast<int32_t>(std::rint(bounded)) + zero_point);
}

}  // namespace

template <typename T>
void QuantizeRef(FloatRounding rounding, const ChannelScales& s, int64_t count, const float* input, T* output) {
  const int64_t multiplied_end = rounding == FloatRounding::kOptimised ? count / 8 * 8 : 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = ChannelOf(s, i);
    if (rounding == FloatRounding::kMultiplyHalfEven) {
      output[i] = Multiplied<T>(input[i], s.scales[c], s.zero_points[c]);
      continue;
    }
    double steps = 0;
    if (rounding == FloatRounding::kDivideHalfAway) {
      steps = static_cast<double>(std::round(input[i] / s.scales[c]));
    } else if (i < multiplied_end) {
      steps = static_cast<double>(std::rint(input[i] * (1.0F / s.scales[c])));
    } else {
      steps = std::round(static_cast<double>(input[i]) / static_cast<double>(s.scales[c]));
    }
    output[i] = Saturate<T>(WrappingAdd(ToInt32(steps), s.zero_points[c]));
  }
}

int32_t RequantizeFactor(float input_scale, float output_scale) {
  const float ratio = input_scale / output_scale;
  if (!(ratio >= 0x1p-8F && ratio <= 0x1p7F)) return 0;
  return static_cast<int32_t>(std::rint(256.0F * ratio));
}

template <typename In, typename Out>
void RequantizeRef(const RequantizeParams& p, int64_t count, const In* input, Out* output) {
  const int64_t half_up_end = p.half_up ? count / 16 * 16 : 0;
  for (int64_t i = 0; i < count; ++i) {
    const auto x = static_cast<int32_t>(static_cast<uint32_t>(input[i]) - static_cast<uint32_t>(p.input_zero_point));
    int32_t scaled = 0;
    if (p.factor_256 != 0) {
      scaled = (x * p.factor_256 + 128) >> 8;
    } else {
      scaled = i < half_up_end ? MultiplyHalfUp(x, p.multiplier) : MultiplyDoubleRounding(x, p.multiplier);
    }
    output[i] = Saturate<Out>(WrappingAdd(scaled, p.output_zero_point));
  }
}

template <typename T>
void DequantizeRef(const ChannelScales& s, int64_t count, const T* input, float* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = ChannelOf(s, i);
    output[i] = s.scales[c] * static_cast<float>(input[i] - s.zero_points[c]);
  }
}

template <typename T>
void DequantizeBlocksRef(PerTensor q, int64_t count, const T* input, float* output) {
  const auto offset = static_cast<float>(-q.zero_point * static_cast<double>(q.scale));
  const int64_t blocks_end = count / 8 * 8;
  for (int64_t i = 0; i < blocks_end; ++i) output[i] = q.scale * static_cast<float>(input[i]) + offset;
  for (int64_t i = blocks_end; i < count; ++i) output[i] = q.scale * static_cast<float>(input[i] - q.zero_point);
}

void DequantizeS4Ref(const ChannelScales& s, int64_t count, const uint8_t* input, float* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = ChannelOf(s, i);
    const int32_t nibble = (input[i / 2] >> (4 * (i % 2))) & 15;
    output[i] = s.scales[c] * static_cast<float>((nibble ^ 8) - 8 - s.zero_points[c]);
  }
}

#define GLIMPSE_INSTANTIATE(T)                                                                  \
  template void QuantizeRef<T>(FloatRounding, const ChannelScales&, int64_t, const float*, T*); \
  template void DequantizeRef<T>(const ChannelScales&, int64_t, const T*, float*);
GLIMPSE_INSTANTIATE(int8_t)
GLIMPSE_INSTANTIATE(uint8_t)
GLIMPSE_INSTANTIATE(int16_t)
#undef GLIMPSE_INSTANTIATE
template void DequantizeBlocksRef(PerTensor, int64_t, const int8_t*, float*);
template void DequantizeBlocksRef(PerTensor, int64_t, const uint8_t*, float*);

#define GLIMPSE_INSTANTIATE(In, Out) \
  template void RequantizeRef<In, Out>(const RequantizeParams&, int64_t, const In*, Out*);
#define GLIMPSE_INSTANTIATE_FROM(In) \
  GLIMPSE_INSTANTIATE(In, int8_t)    \
  GLIMPSE_INSTANTIATE(In, uint8_t)   \
  GLIMPSE_INSTANTIATE(In, int16_t)   \
  GLIMPSE_INSTANTIATE(In, int32_t)
GLIMPSE_INSTANTIATE_FROM(int8_t)
GLIMPSE_INSTANTIATE_FROM(uint8_t)
GLIMPSE_INSTANTIATE_FROM(int16_t)
GLIMPSE_INSTANTIATE_FROM(int32_t)
#undef GLIMPSE_INSTANTIATE_FROM
#undef GLIMPSE_INSTANTIATE

}  // namespace glimpse::kernels
