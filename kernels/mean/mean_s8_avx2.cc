// SPDX-License-Identifier: Apache-2.0
// MEAN on int8 with AVX2, 16 means at a time.
#include <immintrin.h>

#include "kernels/mean/mean_s8.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

// TFLite's fixed point.
class Fixed {
 public:
  explicit Fixed(const MeanS8& mean) : scaler_(mean.scales, 0), offset_(_mm256_set1_epi32(mean.offset)) {}
  __m256i operator()(__m256i sum) const { return scaler_(_mm256_sub_epi32(sum, offset_)); }

 private:
  Scaler256<ScaleForm::kAnyShift> scaler_;
  __m256i offset_;
};

// XNNPACK's float.
class Float {
 public:
  explicit Float(const MeanS8& mean)
      : scale_(_mm256_set1_ps(mean.scale)),
        bias_(_mm256_set1_ps(mean.bias)),
        min_(_mm256_set1_ps(static_cast<float>(mean.scales.min))),
        max_(_mm256_set1_ps(static_cast<float>(mean.scales.max))) {}
  __m256i operator()(__m256i sum) const {
    const __m256 real = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale_), bias_);
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(real, min_), max_));
  }

 private:
  __m256 scale_;
  __m256 bias_;
  __m256 min_;
  __m256 max_;
};

template <typename Scale>
void Run(const MeanS8& mean, const int8_t* input, int8_t* output) {
  const Scale scale(mean);
  const __m128i min = _mm_set1_epi8(static_cast<char>(mean.scales.min));
  const __m128i max = _mm_set1_epi8(static_cast<char>(mean.scales.max));
  for (size_t o = 0; o < mean.outer; ++o, input += mean.reduced * mean.inner, output += mean.inner) {
    for (size_t i = 0; i < mean.inner; i += 16) {
      const auto some = static_cast<int32_t>(mean.inner - i < 16 ? mean.inner - i : 16);
      __m256i low = _mm256_setzero_si256();
      __m256i high = _mm256_setzero_si256();
      const int8_t* at = input + i;
      for (size_t r = 0; r < mean.reduced; ++r, at += mean.inner) {
        const __m128i bytes = LoadBytes256(at, some);
        low = _mm256_add_epi32(low, _mm256_cvtepi8_epi32(bytes));
        high = _mm256_add_epi32(high, _mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)));
      }
      const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(scale(low), scale(high)), 0xD8);
      const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
      StoreBytes256(_mm_min_epi8(_mm_max_epi8(bytes, min), max), some, output + i);
    }
  }
}

}  // namespace

void RunMeanS8Avx2(const MeanS8& mean, const int8_t* input, int8_t* output) {
  if (mean.xnnpack) return Run<Float>(mean, input, output);
  Run<Fixed>(mean, input, output);
}

}  // namespace glimpse::kernels
