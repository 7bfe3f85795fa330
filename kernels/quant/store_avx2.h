// SPDX-License-Identifier: Apache-2.0
// Tiles of sums to int8 outputs, AVX2: scaled (requantize_avx2.h), narrowed with saturation, which no clamp to a part
// of int8 can tell from none, clamped, stored. Internal linkage throughout, like requantize_avx2.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/quant/pixel_run.h"
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

// Bytes of scaled sums, four to a group, in the order of the sums.
template <ScaleForm kForm>
__attribute__((always_inline)) inline __m128i InOrder256(__m128i bytes) {
  if constexpr (kForm != ScaleForm::kFolded) return bytes;
  return _mm_shuffle_epi8(bytes, _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15));
}

// Bytes within the bounds of the output, which for kFolded and kSingle is all that there are.
template <ScaleForm kForm>
__attribute__((always_inline)) inline __m128i Clamp256(__m128i bytes, __m128i min, __m128i max) {
  if constexpr (kForm == ScaleForm::kFolded || kForm == ScaleForm::kSingle) return bytes;
  return _mm_min_epi8(_mm_max_epi8(bytes, min), max);
}

// Scales sums of kVectors * 8 channels, which are in registers or, aligned to 32 bytes, in memory. Several pixels are
// narrowed together, as many as fill a vector of bytes.
template <ScaleForm kForm, int kVectors>
class TileStore256 {
 public:
  static constexpr int kTogether = 4 / kVectors;

  __attribute__((always_inline)) TileStore256(const LaneScales& scales, size_t lane)
      : low_(scales, lane),
        high_(scales, lane + (kVectors == 2 ? 8 : 0)),
        min_(_mm_set1_epi8(static_cast<char>(scales.min))),
        max_(_mm_set1_epi8(static_cast<char>(scales.max))) {}

  // The first `channels` of one pixel, sums[kVectors].
  __attribute__((always_inline)) void One(const __m256i* sums, int32_t channels, int8_t* out) const {
    const __m256i first = low_(sums[0]);
    __m128i bytes;
    if constexpr (kVectors == 2) {
      const __m256i words = _mm256_packs_epi32(first, high_(sums[1]));
      bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    } else {
      const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(first), _mm256_extracti128_si256(first, 1));
      bytes = _mm_packs_epi16(words, words);
    }
    StoreBytes256(Final(bytes), channels, out);
  }

  // All channels of kTogether pixels, sums[kTogether][kVectors].
  __attribute__((always_inline)) void Together(const __m256i* sums, int8_t* out, ptrdiff_t pitch) const {
    const auto scaled = [&](int v) __attribute__((always_inline)) {
      return (v % kVectors == 0 ? low_ : high_)(sums[v]);
    };
    const __m256i bytes =
        _mm256_packs_epi16(_mm256_packs_epi32(scaled(0), scaled(1)), _mm256_packs_epi32(scaled(2), scaled(3)));
    // Of each vector, or each pair, packing has put the lower and the upper half into different halves.
    if constexpr (kVectors == 2) {
      const __m256i pixels = _mm256_permute4x64_epi64(bytes, 0xD8);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), Final(_mm256_castsi256_si128(pixels)));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + pitch), Final(_mm256_extracti128_si256(pixels, 1)));
    } else {
      const __m256i pixels = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
      StorePair(Final(_mm256_castsi256_si128(pixels)), out, pitch);
      StorePair(Final(_mm256_extracti128_si256(pixels, 1)), out + 2 * pitch, pitch);
    }
  }

 private:
  __attribute__((always_inline)) __m128i Final(__m128i bytes) const {
    return Clamp256<kForm>(InOrder256<kForm>(bytes), min_, max_);
  }
  __attribute__((always_inline)) static void StorePair(__m128i bytes, int8_t* out, ptrdiff_t pitch) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), bytes);
    _mm_storeh_pd(reinterpret_cast<double*>(out + pitch), _mm_castsi128_pd(bytes));
  }

  Scaler256<kForm> low_;
  Scaler256<kForm> high_;
  __m128i min_;
  __m128i max_;
};

template <ScaleForm kForm, int kVectors>
__attribute__((always_inline)) inline void StorePixels256(const TileStore256<kForm, kVectors>& store,
                                                          const int32_t* tile, int32_t pixels, int32_t channels,
                                                          int8_t* out, ptrdiff_t pitch) {
  constexpr int kTogether = TileStore256<kForm, kVectors>::kTogether;
  const auto* sums = reinterpret_cast<const __m256i*>(tile);
  int32_t i = 0;
  if (channels == 8 * kVectors) {
    for (; i + kTogether <= pixels; i += kTogether) {
      store.Together(sums, out, pitch);
      sums += kVectors * kTogether;
      out += kTogether * pitch;
    }
  }
  for (; i < pixels; ++i, sums += kVectors, out += pitch) store.One(sums, channels, out);
}

template <ScaleForm kForm>
void StoreForm256(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                  int32_t channels, int8_t* out, ptrdiff_t pitch) {
  if (vectors == 2) return StorePixels256<kForm, 2>({scales, lane}, tile, pixels, channels, out, pitch);
  StorePixels256<kForm, 1>({scales, lane}, tile, pixels, channels, out, pitch);
}

template <ScaleForm kForm>
void StoreRunsForm256(const LaneScales& scales, size_t lane, const int32_t* tile, const PixelRun* runs, int32_t count,
                      int32_t channels, ptrdiff_t pitch) {
  const TileStore256<kForm, 2> store(scales, lane);
  for (int32_t i = 0; i < count; ++i) {
    StorePixels256<kForm, 2>(store, tile + static_cast<size_t>(runs[i].first) * 16, runs[i].count, channels, runs[i].to,
                             pitch);
  }
}

// The form of the lanes, which a proof may have made a cheaper one.
inline ScaleForm LaneForm256(const LaneScales& scales, size_t lane, int32_t vectors) {
  if (!IsProven256(scales, lane, vectors)) return scales.form;
  return ClipsAll256(scales) ? ScaleForm::kSingle : ScaleForm::kSigned;
}

// body.operator()<form>() for LaneForm256().
template <typename Body>
__attribute__((always_inline)) inline void WithLaneForm256(const LaneScales& scales, size_t lane, int32_t vectors,
                                                           const Body& body) {
  const ScaleForm form = LaneForm256(scales, lane, vectors);
  if (form == ScaleForm::kSingle) return body.template operator()<ScaleForm::kSingle>();
  if (form == ScaleForm::kSigned) return body.template operator()<ScaleForm::kSigned>();
  WithScaleForm(form, body);
}

// tile[pixels][vectors][8], aligned to 32 bytes, lanes from `lane` on, in PackedChannel256's order, as `channels` bytes
// at out, out + pitch, ...
inline void StoreTile256(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                         int32_t channels, int8_t* out, ptrdiff_t pitch) {
  WithLaneForm256(scales, lane, vectors, [&]<ScaleForm kForm>() {
    StoreForm256<kForm>(vectors, scales, lane, tile, pixels, channels, out, pitch);
  });
}

// The same of tile[pixel][2][8], as `count` runs of pixels.
inline void StoreRuns256(const LaneScales& scales, size_t lane, const int32_t* tile, const PixelRun* runs,
                         int32_t count, int32_t channels, ptrdiff_t pitch) {
  WithLaneForm256(scales, lane, 2, [&]<ScaleForm kForm>() {
    StoreRunsForm256<kForm>(scales, lane, tile, runs, count, channels, pitch);
  });
}

// One pixel of any number of channels: tile[lane], aligned to 32 bytes, lanes in PackedChannel256's order of 16. All
// lanes are proven (ProveRow256) or none is.
inline void StoreRow256(const LaneScales& scales, const int32_t* tile, int32_t channels, int8_t* out) {
  WithLaneForm256(scales, 0, 1, [&]<ScaleForm kForm>() {
    for (int32_t lane = 0; lane < channels; lane += 16) {
      const TileStore256<kForm, 2> store(scales, static_cast<size_t>(lane));
      store.One(reinterpret_cast<const __m256i*>(tile + lane), channels - lane < 16 ? channels - lane : 16, out + lane);
    }
  });
}

}  // namespace
}  // namespace glimpse::kernels
