// SPDX-License-Identifier: Apache-2.0
// int8 to the unsigned bytes that vpdpbusd takes, AVX-512. Internal linkage, like requantize_avx512.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {
namespace {

// to[i] = from[i] + 128, i < count: the sign bit flipped. Reads and writes nothing else.
inline void StageUnsigned512(const int8_t* from, size_t count, uint8_t* to) {
  const __m512i sign = _mm512_set1_epi8(-128);
  size_t i = 0;
  for (; i + 64 <= count; i += 64) _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(from + i), sign));
  if (i == count) return;
  const __mmask64 rest = ~__mmask64{0} >> (64 - (count - i));
  _mm512_mask_storeu_epi8(to + i, rest, _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, from + i), sign));
}

}  // namespace
}  // namespace glimpse::kernels
