// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/quant/requantize.h"
#include "kernels/quantize/quantize.h"

namespace glimpse::kernels {

void QuantizeF32ToS8Ref(const ChannelScales& s, int64_t count, const float* input, int8_t* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = i / s.inner % s.channels;
    output[i] = QuantizeToInt8(input[i], s.scales[c], s.zero_points[c]);
  }
}

void RequantizeS8Ref(FixedPointMultiplier multiplier, int32_t input_zero_point, int32_t output_zero_point,
                     int64_t count, const int8_t* input, int8_t* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int32_t scaled = MultiplyDoubleRounding(input[i] - input_zero_point, multiplier);
    output[i] = static_cast<int8_t>(std::clamp(WrappingAdd(scaled, output_zero_point), -128, 127));
  }
}

void DequantizeS8ToF32Ref(const ChannelScales& s, int64_t count, const int8_t* input, float* output) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = i / s.inner % s.channels;
    output[i] = s.scales[c] * static_cast<float>(input[i] - s.zero_points[c]);
  }
}

}  // namespace glimpse::kernels
