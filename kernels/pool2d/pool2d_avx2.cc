// SPDX-License-Identifier: Apache-2.0
// Pooling on int8 with AVX2: 32 channels at a time for the largest, 16 for the mean.
#include <immintrin.h>

#include "kernels/pool2d/pool2d_driver.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

struct Max {
  static constexpr int32_t kStep = 32;

  static void Reduce(const PoolWindow& window, int32_t channels, const Pool2DParams& p, int8_t* out) {
    const __m256i low = _mm256_set1_epi8(static_cast<char>(p.output_min));
    const __m256i high = _mm256_set1_epi8(static_cast<char>(p.output_max));
    if (channels < kStep) {
      const int32_t first = channels < 16 ? channels : 16;
      Sixteen(window, 0, first, low, high, out);
      if (channels > 16) Sixteen(window, 16, channels - 16, low, high, out + 16);
      return;
    }
    __m256i max = low;
    const int8_t* row = window.first;
    for (int32_t y = 0; y < window.rows; ++y, row += window.row) {
      const int8_t* at = row;
      for (int32_t x = 0; x < window.columns; ++x, at += window.pixel) {
        max = _mm256_max_epi8(max, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
      }
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_min_epi8(max, high));
  }

  static void Sixteen(const PoolWindow& window, int32_t offset, int32_t channels, __m256i low, __m256i high,
                      int8_t* out) {
    __m128i max = _mm256_castsi256_si128(low);
    const int8_t* row = window.first + offset;
    for (int32_t y = 0; y < window.rows; ++y, row += window.row) {
      const int8_t* at = row;
      for (int32_t x = 0; x < window.columns; ++x, at += window.pixel)
        max = _mm_max_epi8(max, LoadBytes256(at, channels));
    }
    StoreBytes256(_mm_min_epi8(max, _mm256_castsi256_si128(high)), channels, out);
  }
};

struct Average {
  static constexpr int32_t kStep = 16;

  static void Reduce(const PoolWindow& window, int32_t channels, const Pool2DParams& p, int8_t* out) {
    __m256i sums[2];
    (channels == kStep ? Sum<true> : Sum<false>)(window, channels, sums);
    const int32_t count = window.rows * window.columns;
    const __m128i low = Mean(sums[0], count);
    const __m128i high = Mean(sums[1], count);
    __m128i mean = _mm_packs_epi16(low, high);  // a mean of bytes is one
    mean = _mm_max_epi8(mean, _mm_set1_epi8(static_cast<char>(p.output_min)));
    mean = _mm_min_epi8(mean, _mm_set1_epi8(static_cast<char>(p.output_max)));
    StoreBytes256(mean, channels, out);
  }

  // Sums of 256 bytes fit 16 bits: so many are added up before they are widened. kWhole: all sixteen channels, without
  // a question asked pixel by pixel.
  template <bool kWhole>
  static void Sum(const PoolWindow& window, int32_t channels, __m256i (&sums)[2]) {
    constexpr int32_t kMost = 256;
    sums[0] = sums[1] = _mm256_setzero_si256();
    __m256i words = _mm256_setzero_si256();
    const auto widen = [&] {
      sums[0] = _mm256_add_epi32(sums[0], _mm256_cvtepi16_epi32(_mm256_castsi256_si128(words)));
      sums[1] = _mm256_add_epi32(sums[1], _mm256_cvtepi16_epi32(_mm256_extracti128_si256(words, 1)));
      words = _mm256_setzero_si256();
    };
    // Rows that follow one another are one.
    const bool together = window.row == window.columns * window.pixel;
    const int32_t rows = together ? 1 : window.rows;
    const int32_t columns = together ? window.rows * window.columns : window.columns;
    const int8_t* row = window.first;
    int32_t room = kMost;
    for (int32_t y = 0; y < rows; ++y, row += window.row) {
      const int8_t* at = row;
      for (int32_t left = columns; left > 0;) {
        if (room == 0) {
          widen();
          room = kMost;
        }
        const int32_t some = left < room ? left : room;
        for (int32_t x = 0; x < some; ++x, at += window.pixel) {
          words = _mm256_add_epi16(words, _mm256_cvtepi8_epi16(LoadBytes256(at, kWhole ? kStep : channels)));
        }
        left -= some;
        room -= some;
      }
    }
    widen();
  }

  // Eight means as words, halves away from zero.
  static __m128i Mean(__m256i sum, int32_t count) {
    const __m256i half = _mm256_set1_epi32(count / 2);
    const __m256i positive = _mm256_cmpgt_epi32(sum, _mm256_setzero_si256());
    sum = _mm256_blendv_epi8(_mm256_sub_epi32(sum, half), _mm256_add_epi32(sum, half), positive);
    const __m256d divisor = _mm256_set1_pd(count);
    return _mm_packs_epi32(Divide(_mm256_castsi256_si128(sum), divisor),
                           Divide(_mm256_extracti128_si256(sum, 1), divisor));
  }

  static __m128i Divide(__m128i sum, __m256d divisor) {
    return _mm256_cvttpd_epi32(_mm256_div_pd(_mm256_cvtepi32_pd(sum), divisor));
  }
};

}  // namespace

const PoolS8 kPoolS8Avx2 = {PoolAll<Max>, PoolAll<Average>};

}  // namespace glimpse::kernels
