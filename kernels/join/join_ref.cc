// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/join/join.h"

namespace glimpse::kernels {
namespace {

int64_t Rounded(float value) {
  const float rounded = std::round(value);
  // The negated comparison holds for NaN too.
  if (!(rounded >= -2147483648.0F && rounded < 2147483648.0F)) return std::numeric_limits<int32_t>::min();
  return static_cast<int64_t>(rounded);
}

}  // namespace

void CopyRunsRef(size_t outer, size_t run_bytes, size_t output_stride_bytes, const void* input, void* output) {
  if (run_bytes == 0) return;
  const char* from = static_cast<const char*>(input);
  char* to = static_cast<char*>(output);
  for (size_t i = 0; i < outer; ++i, from += run_bytes, to += output_stride_bytes) std::memcpy(to, from, run_bytes);
}

RescaleParams MakeRescale(float input_scale, int32_t input_zero_point, float output_scale, int32_t output_zero_point) {
  const float inverse = 1.0F / output_scale;
  const float scale = input_scale * inverse;
  return {scale, static_cast<float>(-input_zero_point) * scale, output_zero_point};
}

void RescaleRunsRef(const RescaleParams& params, size_t outer, size_t run_bytes, size_t output_stride_bytes,
                    const uint8_t* input, uint8_t* output) {
  for (size_t i = 0; i < outer; ++i, input += run_bytes, output += output_stride_bytes) {
    for (size_t k = 0; k < run_bytes; ++k) {
      const float product = static_cast<float>(input[k]) * params.scale;
      const int64_t value = Rounded(product + params.bias) + params.zero_point;
      output[k] = static_cast<uint8_t>(std::clamp<int64_t>(value, 0, 255));
    }
  }
}

}  // namespace glimpse::kernels
