// SPDX-License-Identifier: Apache-2.0
// Tiles of sums to int8 outputs, AVX2: scaled (requantize_avx2.h), narrowed with saturation, which no clamp to a part
// of int8 can tell from none, clamped, stored. Internal linkage throughout, like requantize_avx2.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/quant/requantize_avx2.h"

namespace glimpse::kernels {
namespace {

// Which of 8 * vectors channels (vectors 1 or 2) lane `lane` of vector `vector` holds, so that packing, which works
// within 128 bits, leaves them in order.
inline int32_t PackedChannel256(int32_t vectors, int32_t vector, int32_t lane) {
  return lane / 4 * (4 * vectors) + 4 * vector + lane % 4;
}

// The first `count` <= 16 bytes, the others 0.
__attribute__((always_inline)) inline __m128i LoadBytes256(const int8_t* from, int32_t count) {
  if (count == 16) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  if (count == 8) return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  alignas(16) int8_t bytes[16] = {};
  for (int32_t i = 0; i < count; ++i) bytes[i] = from[i];
  return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes));
}

// The first `count` <= 16 bytes.
inline void StoreBytes256(__m128i bytes, int32_t count, int8_t* out) {
  if (count == 16) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    return;
  }
  if ((count & 8) != 0) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), bytes);
    bytes = _mm_srli_si128(bytes, 8);
    out += 8;
  }
  if ((count & 4) != 0) {
    const int32_t four = _mm_cvtsi128_si32(bytes);
    std::memcpy(out, &four, sizeof(four));
    bytes = _mm_srli_si128(bytes, 4);
    out += 4;
  }
  for (int32_t i = 0, rest = _mm_cvtsi128_si32(bytes); i < (count & 3); ++i, rest >>= 8) {
    out[i] = static_cast<int8_t>(rest);
  }
}

inline __m256i LoadSums256(const int32_t* sums) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(sums)); }

template <ScaleForm kForm, int kVectors>
void StorePixels256(const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels, int32_t channels,
                    int8_t* out, ptrdiff_t pitch) {
  const __m128i min = _mm_set1_epi8(static_cast<char>(scales.min));
  const __m128i max = _mm_set1_epi8(static_cast<char>(scales.max));
  const Scaler256<kForm> low(scales, lane);
  const Scaler256<kForm> high(scales, lane + (kVectors == 2 ? 8 : 0));
  for (int32_t i = 0; i < pixels; ++i, tile += 8 * kVectors, out += pitch) {
    const __m256i first = low(LoadSums256(tile));
    __m128i bytes;
    if constexpr (kVectors == 2) {
      const __m256i words = _mm256_packs_epi32(first, high(LoadSums256(tile + 8)));
      bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    } else {
      const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(first), _mm256_extracti128_si256(first, 1));
      bytes = _mm_packs_epi16(words, words);
    }
    StoreBytes256(_mm_min_epi8(_mm_max_epi8(bytes, min), max), channels, out);
  }
}

template <ScaleForm kForm>
void StoreForm256(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                  int32_t channels, int8_t* out, ptrdiff_t pitch) {
  if (vectors == 2) return StorePixels256<kForm, 2>(scales, lane, tile, pixels, channels, out, pitch);
  StorePixels256<kForm, 1>(scales, lane, tile, pixels, channels, out, pitch);
}

// tile[pixels][vectors][8], aligned to 32 bytes, lanes from `lane` on, in PackedChannel256's order, as `channels` bytes
// at out, out + pitch, ...
inline void StoreTile256(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                         int32_t channels, int8_t* out, ptrdiff_t pitch) {
  WithScaleForm(scales.form, [&]<ScaleForm kForm>() {
    StoreForm256<kForm>(vectors, scales, lane, tile, pixels, channels, out, pitch);
  });
}

}  // namespace
}  // namespace glimpse::kernels
