// SPDX-License-Identifier: Apache-2.0
// Pooling on int8 with AVX-512: 64 channels at a time for the largest, 16 for the mean; masks for the last ones.
#include <immintrin.h>

#include "kernels/pool2d/pool2d_driver.h"

namespace glimpse::kernels {
namespace {

struct Max {
  static constexpr int32_t kStep = 64;

  static void Reduce(const PoolWindow& window, int32_t channels, const Pool2DParams& p, int8_t* out) {
    const __mmask64 mask = ~__mmask64{0} >> (64 - channels);
    __m512i max = _mm512_set1_epi8(-128);
    const int8_t* row = window.first;
    for (int32_t y = 0; y < window.rows; ++y, row += window.row) {
      const int8_t* at = row;
      for (int32_t x = 0; x < window.columns; ++x, at += window.pixel) {
        max = _mm512_max_epi8(max, _mm512_maskz_loadu_epi8(mask, at));
      }
    }
    max = _mm512_max_epi8(max, _mm512_set1_epi8(static_cast<char>(p.output_min)));
    max = _mm512_min_epi8(max, _mm512_set1_epi8(static_cast<char>(p.output_max)));
    _mm512_mask_storeu_epi8(out, mask, max);
  }
};

struct Average {
  static constexpr int32_t kStep = 16;

  static void Reduce(const PoolWindow& window, int32_t channels, const Pool2DParams& p, int8_t* out) {
    const auto mask = static_cast<__mmask16>(0xFFFFU >> (16 - channels));
    __m512i sum = _mm512_setzero_si512();
    const int8_t* row = window.first;
    for (int32_t y = 0; y < window.rows; ++y, row += window.row) {
      const int8_t* at = row;
      for (int32_t x = 0; x < window.columns; ++x, at += window.pixel) {
        sum = _mm512_add_epi32(sum, _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, at)));
      }
    }
    const int32_t count = window.rows * window.columns;
    const __m512i half = _mm512_set1_epi32(count / 2);
    const __m512i zero = _mm512_setzero_si512();
    const __m512i up = _mm512_add_epi32(sum, half);
    sum = _mm512_mask_sub_epi32(up, _mm512_cmple_epi32_mask(sum, zero), sum, half);
    const __m512d divisor = _mm512_set1_pd(count);
    const __m256i low = Divide(_mm512_castsi512_si256(sum), divisor);
    const __m256i high = Divide(_mm512_extracti64x4_epi64(sum, 1), divisor);
    __m512i mean = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    mean = _mm512_max_epi32(mean, _mm512_set1_epi32(p.output_min));
    mean = _mm512_min_epi32(mean, _mm512_set1_epi32(p.output_max));
    _mm_mask_storeu_epi8(out, mask, _mm512_cvtepi32_epi8(mean));
  }

  static __m256i Divide(__m256i sum, __m512d divisor) {
    return _mm512_cvttpd_epi32(_mm512_div_pd(_mm512_cvtepi32_pd(sum), divisor));
  }
};

}  // namespace

const PoolS8 kPoolS8Avx512Vnni = {PoolAll<Max>, PoolAll<Average>};

}  // namespace glimpse::kernels
