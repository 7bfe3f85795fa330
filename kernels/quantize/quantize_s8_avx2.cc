// SPDX-License-Identifier: Apache-2.0
// QUANTIZE from float to int8 with AVX2, 8 elements at a time.
#include <immintrin.h>

#include "kernels/quant/store_avx2.h"
#include "kernels/quantize/quantize_s8.h"

namespace glimpse::kernels {
namespace {

class DivideHalfAway {
 public:
  DivideHalfAway(float scale, int32_t) : scale_(_mm256_set1_ps(scale)) {}
  __m256i operator()(__m256 x) const {
    const __m256 quotient = _mm256_div_ps(x, scale_);
    const __m256 sign = _mm256_and_ps(quotient, _mm256_set1_ps(-0.0F));
    return _mm256_cvttps_epi32(_mm256_add_ps(quotient, _mm256_or_ps(sign, _mm256_set1_ps(0x1.fffffep-2F))));
  }

 private:
  __m256 scale_;
};

// max(steps, low) is low where steps is NaN, in this order of operands.
class MultiplyHalfEven {
 public:
  MultiplyHalfEven(float scale, int32_t zero_point)
      : inverse_(_mm256_set1_ps(1.0F / scale)),
        low_(_mm256_set1_ps(static_cast<float>(-128 - zero_point))),
        high_(_mm256_set1_ps(static_cast<float>(127 - zero_point))) {}
  __m256i operator()(__m256 x) const {
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(x, inverse_), low_), high_));
  }

 private:
  __m256 inverse_;
  __m256 low_;
  __m256 high_;
};

template <typename Convert>
void Run(float scale, int32_t zero_point, size_t count, const float* input, int8_t* output) {
  const Convert convert(scale, zero_point);
  const __m256i zero = _mm256_set1_epi32(zero_point);
  const auto eight = [&](const float* from) {
    const __m256i steps = _mm256_add_epi32(convert(_mm256_loadu_ps(from)), zero);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(steps), _mm256_extracti128_si256(steps, 1));
    return _mm_packs_epi16(words, words);
  };
  size_t i = 0;
  for (; i + 8 <= count; i += 8) StoreBytes256(eight(input + i), 8, output + i);
  if (i == count) return;
  float rest[8] = {};
  for (size_t k = 0; i + k < count; ++k) rest[k] = input[i + k];
  StoreBytes256(eight(rest), static_cast<int32_t>(count - i), output + i);
}

}  // namespace

void QuantizeToInt8Avx2(FloatRounding rounding, float scale, int32_t zero_point, size_t count, const float* input,
                        int8_t* output) {
  if (rounding == FloatRounding::kMultiplyHalfEven) {
    return Run<MultiplyHalfEven>(scale, zero_point, count, input, output);
  }
  Run<DivideHalfAway>(scale, zero_point, count, input, output);
}

}  // namespace glimpse::kernels
