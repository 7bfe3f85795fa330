// SPDX-License-Identifier: Apache-2.0
// The inner kernel of the convolutions with AVX2: sums of 16-bit products in registers. Internal linkage, like
// kernels/quant/requantize_avx2.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/conv2d/conv2d_driver.h"

namespace glimpse::kernels {
namespace {

__attribute__((always_inline)) inline __m256i BroadcastPair(const int16_t* from) {
  int32_t two = 0;
  std::memcpy(&two, from, sizeof(two));
  return _mm256_set1_epi32(two);
}

template <typename T>
__attribute__((always_inline)) inline __m256i Load(const T* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

// acc += the pairs of x * w.
__attribute__((always_inline)) inline void MultiplyAdd(__m256i& acc, __m256i x, __m256i w) {
  acc = _mm256_add_epi32(acc, _mm256_madd_epi16(x, w));
}

// kPixels * kVectors sums in registers. Pixels are addressed from every third one, which fits the address forms of the
// processor: a register for each pixel would leave none for the loops, which short runs would feel.
template <int kVectors, int kPixels, bool kHasTail>
__attribute__((always_inline)) inline void SumInRegisters(const SumLoops& loops, const int16_t* in,
                                                          const int16_t* weights, const int32_t* bias,
                                                          __m256i (&acc)[kPixels][kVectors]) {
  constexpr int kThirds = (kPixels + 2) / 3;
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) acc[m][v] = Load(bias + v * 8);
  }
  const ptrdiff_t pitch = loops.pixel_pitch;
  int32_t steps = loops.steps;
  const int16_t* row_at = in;
  for (int32_t row = loops.rows; row != 0;) {
    const int16_t* column_at = row_at;
    for (int32_t column = loops.columns; column != 0; --column, column_at += loops.column_pitch) {
      const int16_t* at[kThirds];
#pragma GCC unroll 3
      for (int k = 0; k < kThirds; ++k) {
        at[k] = column_at + 3 * k * pitch;
        asm("" : "+r"(at[k]));  // lest the compiler see that they are related
      }
      for (int32_t step = steps; step != 0; --step) {
        __m256i w[kVectors];
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) w[v] = Load(weights + v * 16);
        weights += kVectors * 16;
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) {
          const __m256i x = BroadcastPair(at[m / 3] + m % 3 * pitch);
#pragma GCC unroll 2
          for (int v = 0; v < kVectors; ++v) MultiplyAdd(acc[m][v], x, w[v]);
        }
#pragma GCC unroll 3
        for (int k = 0; k < kThirds; ++k) at[k] += 2;
      }
    }
    row_at += loops.row_pitch;
    --row;
    if (!kHasTail || row != 0 || steps == loops.tail_steps || loops.tail_steps == 0) continue;
    row = 1;
    steps = loops.tail_steps;
    row_at = in + loops.tail;
  }
}

template <int kVectors, int kPixels, bool kHasTail>
void Sum(const SumLoops& loops, const int16_t* in, const int16_t* weights, const int32_t* bias, int32_t* tile) {
  __m256i acc[kPixels][kVectors];
  SumInRegisters<kVectors, kPixels, kHasTail>(loops, in, weights, bias, acc);
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(tile + (m * kVectors + v) * 8), acc[m][v]);
    }
  }
}

// to[window][vector][8] = the largest of the four sums of each window of 2x2 pixels: those of `windows` neighbours,
// whose second row of pixels begins `lower` elements behind the first. They never leave the registers one by one.
template <int kVectors>
void LargestOfTwoByTwo(int32_t windows, const SumLoops& loops, const int16_t* in, ptrdiff_t lower,
                       const int16_t* weights, const int32_t* bias, int32_t* to) {
  const ptrdiff_t pitch = loops.pixel_pitch;
  for (int32_t window = 0; window < windows; ++window, in += 2 * pitch, to += 8 * kVectors) {
    __m256i acc[4][kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) acc[0][v] = acc[1][v] = acc[2][v] = acc[3][v] = Load(bias + v * 8);
    const int16_t* w_at = weights;
    int32_t steps = loops.steps;
    const int16_t* row_at = in;
    for (int32_t row = loops.rows; row != 0;) {
      const int16_t* column_at = row_at;
      for (int32_t column = loops.columns; column != 0; --column, column_at += loops.column_pitch) {
        const int16_t* upper_at = column_at;
        const int16_t* lower_at = column_at + lower;
        for (int32_t step = steps; step != 0; --step, upper_at += 2, lower_at += 2) {
          __m256i w[kVectors];
#pragma GCC unroll 2
          for (int v = 0; v < kVectors; ++v) w[v] = Load(w_at + v * 16);
          w_at += kVectors * 16;
#pragma GCC unroll 4
          for (int m = 0; m < 4; ++m) {
            const __m256i x = BroadcastPair((m < 2 ? upper_at : lower_at) + m % 2 * pitch);
#pragma GCC unroll 2
            for (int v = 0; v < kVectors; ++v) MultiplyAdd(acc[m][v], x, w[v]);
          }
        }
      }
      row_at += loops.row_pitch;
      if (--row != 0 || steps == loops.tail_steps || loops.tail_steps == 0) continue;
      row = 1;
      steps = loops.tail_steps;
      row_at = in + loops.tail;
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const __m256i largest =
          _mm256_max_epi32(_mm256_max_epi32(acc[0][v], acc[1][v]), _mm256_max_epi32(acc[2][v], acc[3][v]));
      _mm256_store_si256(reinterpret_cast<__m256i*>(to + v * 8), largest);
    }
  }
}

using SumFunction256 = void (*)(const SumLoops&, const int16_t*, const int16_t*, const int32_t*, int32_t*);

template <bool kHasTail>
constexpr SumFunction256 kOneVector[] = {Sum<1, 1, kHasTail>, Sum<1, 2, kHasTail>, Sum<1, 3, kHasTail>,
                                         Sum<1, 4, kHasTail>, Sum<1, 5, kHasTail>, Sum<1, 6, kHasTail>,
                                         Sum<1, 7, kHasTail>, Sum<1, 8, kHasTail>};
template <bool kHasTail>
constexpr SumFunction256 kTwoVectors[] = {Sum<2, 1, kHasTail>, Sum<2, 2, kHasTail>, Sum<2, 3, kHasTail>,
                                          Sum<2, 4, kHasTail>, Sum<2, 5, kHasTail>, Sum<2, 6, kHasTail>};

// Pixels that Sum256 takes at once. Twelve sums, two weights, an activation and a product are the sixteen registers.
inline int32_t MaxPixels256(int32_t vectors) { return vectors == 2 ? 6 : 8; }

// tile[pixel][vector][8] = bias + sums of `pixels` <= MaxPixels256(vectors) pixels, vectors 1 or 2.
inline void Sum256(int32_t vectors, int32_t pixels, const SumLoops& loops, const int16_t* in, const int16_t* weights,
                   const int32_t* bias, int32_t* tile) {
  const auto* const functions = vectors == 2 ? kTwoVectors<false> : kOneVector<false>;
  if (loops.tail_steps == 0) return functions[pixels - 1](loops, in, weights, bias, tile);
  (vectors == 2 ? kTwoVectors<true> : kOneVector<true>)[pixels - 1](loops, in, weights, bias, tile);
}

}  // namespace
}  // namespace glimpse::kernels
