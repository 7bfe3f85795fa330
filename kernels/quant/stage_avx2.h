// SPDX-License-Identifier: Apache-2.0
// int8 to centred 16-bit numbers, AVX2. Internal linkage, like requantize_avx2.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {
namespace {

// to[i] = from[i] - zero_point, i < count. Reads and writes nothing else.
inline void StageCentred256(const int8_t* from, size_t count, int32_t zero_point, int16_t* to) {
  const __m256i zero = _mm256_set1_epi16(static_cast<int16_t>(zero_point));
  const auto sixteen = [&](size_t i) {
    const __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_sub_epi16(wide, zero));
  };
  if (count >= 16) {
    for (size_t i = 0; i + 16 <= count; i += 16) sixteen(i);
    if (count % 16 != 0) sixteen(count - 16);  // some of them once more
    return;
  }
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero_point);
}

// to[2 i] = a[i] and to[2 i + 1] = b[i], i < count.
inline void Interleave256(const int16_t* a, const int16_t* b, size_t count, int16_t* to) {
  const auto eight = [&](size_t i) {
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i), _mm_unpacklo_epi16(first, second));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i + 8), _mm_unpackhi_epi16(first, second));
  };
  if (count >= 8) {
    for (size_t i = 0; i + 8 <= count; i += 8) eight(i);
    if (count % 8 != 0) eight(count - 8);  // some of them once more
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    to[2 * i] = a[i];
    to[2 * i + 1] = b[i];
  }
}

}  // namespace
}  // namespace glimpse::kernels
