// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/l2_normalization/l2_normalization.h"
#include "kernels/quant/inverse_sqrt.h"
#include "kernels/quant/lookup.h"

namespace glimpse::kernels {

template <typename T>
void L2NormalizationRef(int64_t rows, int32_t depth, int32_t input_zero_point, const T* input, T* output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    uint32_t sum = 0;
    for (int32_t c = 0; c < depth; ++c) {
      const int32_t d = input[c] - input_zero_point;
      sum += static_cast<uint32_t>(d * d);
    }
    FixedPointMultiplier scale = InverseSqrt(std::max(static_cast<int32_t>(sum), 0));
    constexpr bool kSigned = std::is_signed_v<T>;
    if (kSigned) scale.shift += 7;
    for (int32_t c = 0; c < depth; ++c) {
      const int32_t d = input[c] - input_zero_point;
      output[c] = kSigned ? Saturate<T>(MultiplyDoubleRounding(d, scale))
                          : Saturate<T>(128 + MultiplyDoubleRounding(128 * d, scale));
    }
  }
}

template void L2NormalizationRef<int8_t>(int64_t, int32_t, int32_t, const int8_t*, int8_t*);
template void L2NormalizationRef<uint8_t>(int64_t, int32_t, int32_t, const uint8_t*, uint8_t*);

void L2NormalizationF32Ref(int64_t rows, int32_t depth, const float* input, float* output) {
  for (int64_t row = 0; row < rows; ++row, input += depth, output += depth) {
    float sum = 0;
    for (int32_t c = 0; c < depth; ++c) sum += input[c] * input[c];
    const float norm = std::max(std::sqrt(sum), 1e-6F);
    for (int32_t c = 0; c < depth; ++c) output[c] = input[c] / norm;
  }
}

}  // namespace glimpse::kernels
