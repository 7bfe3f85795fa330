// SPDX-License-Identifier: Apache-2.0
// Tiles of sums to int8 outputs, AVX-512: scaled (requantize_avx512.h), narrowed with saturation, which no clamp to a
// part of int8 can tell from none, clamped, stored. Internal linkage throughout, like requantize_avx512.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/quant/requantize_avx512.h"

namespace glimpse::kernels {
namespace {

// Which of 16 * vectors channels (vectors 1, 2 or 4) lane `lane` of vector `vector` holds, so that packing, which works
// within 128 bits, leaves them in order.
inline int32_t PackedChannel512(int32_t vectors, int32_t vector, int32_t lane) {
  return lane / 4 * (4 * vectors) + 4 * vector + lane % 4;
}

// `channels` <= 16 * kVectors bytes of one pixel.
template <ScaleForm kForm, int kVectors>
__attribute__((always_inline)) inline void StorePixel512(const Scaler512<kForm> (&scalers)[kVectors],
                                                         const int32_t* sums, __m512i min, __m512i max, __mmask64 mask,
                                                         int8_t* out) {
  const __m512i first = scalers[0](_mm512_load_si512(sums));
  if constexpr (kVectors == 1) {
    __m128i bytes = _mm512_cvtsepi32_epi8(first);
    bytes = _mm_min_epi8(_mm_max_epi8(bytes, _mm512_castsi512_si128(min)), _mm512_castsi512_si128(max));
    _mm_mask_storeu_epi8(out, static_cast<__mmask16>(mask), bytes);
  } else if constexpr (kVectors == 2) {
    const __m512i words = _mm512_packs_epi32(first, scalers[1](_mm512_load_si512(sums + 16)));
    __m256i bytes = _mm512_cvtsepi16_epi8(words);
    bytes = _mm256_min_epi8(_mm256_max_epi8(bytes, _mm512_castsi512_si256(min)), _mm512_castsi512_si256(max));
    _mm256_mask_storeu_epi8(out, static_cast<__mmask32>(mask), bytes);
  } else {
    const __m512i low = _mm512_packs_epi32(first, scalers[1](_mm512_load_si512(sums + 16)));
    const __m512i high =
        _mm512_packs_epi32(scalers[2](_mm512_load_si512(sums + 32)), scalers[3](_mm512_load_si512(sums + 48)));
    __m512i bytes = _mm512_packs_epi16(low, high);
    bytes = _mm512_min_epi8(_mm512_max_epi8(bytes, min), max);
    _mm512_mask_storeu_epi8(out, mask, bytes);
  }
}

template <ScaleForm kForm, int kVectors>
void StorePixels512(const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels, int32_t channels,
                    int8_t* out, ptrdiff_t pitch) {
  const __m512i min = _mm512_set1_epi8(static_cast<char>(scales.min));
  const __m512i max = _mm512_set1_epi8(static_cast<char>(scales.max));
  const __mmask64 mask = ~__mmask64{0} >> (64 - channels);
  if constexpr (kVectors == 1) {
    const Scaler512<kForm> scalers[] = {{scales, lane}};
    for (int32_t i = 0; i < pixels; ++i, tile += 16, out += pitch) StorePixel512(scalers, tile, min, max, mask, out);
  } else if constexpr (kVectors == 2) {
    const Scaler512<kForm> scalers[] = {{scales, lane}, {scales, lane + 16}};
    for (int32_t i = 0; i < pixels; ++i, tile += 32, out += pitch) StorePixel512(scalers, tile, min, max, mask, out);
  } else {
    const Scaler512<kForm> scalers[] = {{scales, lane}, {scales, lane + 16}, {scales, lane + 32}, {scales, lane + 48}};
    for (int32_t i = 0; i < pixels; ++i, tile += 64, out += pitch) StorePixel512(scalers, tile, min, max, mask, out);
  }
}

template <ScaleForm kForm>
void StoreForm512(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                  int32_t channels, int8_t* out, ptrdiff_t pitch) {
  if (vectors == 4) return StorePixels512<kForm, 4>(scales, lane, tile, pixels, channels, out, pitch);
  if (vectors == 2) return StorePixels512<kForm, 2>(scales, lane, tile, pixels, channels, out, pitch);
  StorePixels512<kForm, 1>(scales, lane, tile, pixels, channels, out, pitch);
}

// tile[pixels][vectors][16], aligned to 64 bytes, lanes from `lane` on, in PackedChannel512's order, as `channels`
// bytes at out, out + pitch, ...
inline void StoreTile512(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                         int32_t channels, int8_t* out, ptrdiff_t pitch) {
  WithScaleForm(scales.form, [&]<ScaleForm kForm>() {
    StoreForm512<kForm>(vectors, scales, lane, tile, pixels, channels, out, pitch);
  });
}

}  // namespace
}  // namespace glimpse::kernels
