// SPDX-License-Identifier: Apache-2.0
// The inner kernel of the convolutions with NEON of every arm64: sums of 8-bit products in registers. Internal linkage,
// like kernels/quant/requantize_avx2.h.
//
// A vector is four output channels, a step two channels of input, so that eight bytes of weights are (channel 0: w0,
// w1, channel 1: w0, w1, ...) and a pair of activations is repeated four times. smull makes 16-bit products of one
// step, smlal adds those of the next one, sadalp adds neighbours to the four 32-bit sums: 16 multiplications in three
// instructions, two of which share a pipe. The halves of a 16-byte register are the weights of two vectors.
//
// Exactness. smlal wraps at 16 bits, so two products must fit: |x| <= 128 and |w| <= 127 give 2 * 128 * 127 = 32,512.
// Only weights of -128, which no converter writes, take the other form, kApart, where every product is added to 32 bits
// by itself.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_driver.h"

namespace glimpse::kernels {
namespace {

// A step's weights of all vectors, two to a register.
template <int kVectors>
struct StepWeights {
  int8x16_t pair[kVectors == 1 ? 1 : kVectors / 2];

  __attribute__((always_inline)) explicit StepWeights(const int8_t* from) {
    if constexpr (kVectors == 1) {
      pair[0] = vcombine_s8(vld1_s8(from), vdup_n_s8(0));
    } else {
#pragma GCC unroll 2
      for (int i = 0; i < kVectors / 2; ++i) pair[i] = vld1q_s8(from + i * 16);
    }
  }
};

template <int kVectors>
__attribute__((always_inline)) inline void Multiply(const StepWeights<kVectors>& weights, int8x16_t x,
                                                    int16x8_t (&products)[kVectors]) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const int8x16_t w = weights.pair[v / 2];
    products[v] = v % 2 == 0 ? vmull_s8(vget_low_s8(w), vget_low_s8(x)) : vmull_high_s8(w, x);
  }
}

template <int kVectors>
__attribute__((always_inline)) inline void MultiplyAdd(const StepWeights<kVectors>& weights, int8x16_t x,
                                                       int16x8_t (&products)[kVectors]) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const int8x16_t w = weights.pair[v / 2];
    products[v] = v % 2 == 0 ? vmlal_s8(products[v], vget_low_s8(w), vget_low_s8(x)) : vmlal_high_s8(products[v], w, x);
  }
}

template <int kVectors>
__attribute__((always_inline)) inline void Widen(const int16x8_t (&products)[kVectors], int32x4_t (&sum)[kVectors]) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v] = vpadalq_s16(sum[v], products[v]);
}

// sum[m][v] += first * x[m] + second * y[m], for the vectors of a few pixels: all products of one kind in a row, since
// each takes some cycles and a Cortex-A53 waits for what comes next in the program.
template <int kVectors, int kPixels, bool kApart>
__attribute__((always_inline)) inline void AddSteps(int32x4_t (*sum)[kVectors], const StepWeights<kVectors>& first,
                                                    const int8x16_t (&x)[kPixels], const StepWeights<kVectors>& second,
                                                    const int8x16_t (&y)[kPixels]) {
  int16x8_t products[kPixels][kVectors];
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) Multiply(first, x[m], products[m]);
  if constexpr (kApart) {
#pragma GCC unroll 8
    for (int m = 0; m < kPixels; ++m) Widen(products[m], sum[m]);
#pragma GCC unroll 8
    for (int m = 0; m < kPixels; ++m) Multiply(second, y[m], products[m]);
  } else {
#pragma GCC unroll 8
    for (int m = 0; m < kPixels; ++m) MultiplyAdd(second, y[m], products[m]);
  }
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) Widen(products[m], sum[m]);
}

// The two activations at `from`, eight times.
__attribute__((always_inline)) inline int8x16_t RepeatPair(const int8_t* from) {
  int16_t two = 0;
  __builtin_memcpy(&two, from, sizeof(two));
  return vreinterpretq_s8_s16(vdupq_n_s16(two));
}

// Sixteen activations in a register. GCC would rather load each pair of them by itself, sixteen loads for one: it may
// not know where they come from.
__attribute__((always_inline)) inline int8x16_t LoadWhole(const int8_t* from) {
  int8x16_t sixteen = vld1q_s8(from);
  __asm__("" : "+w"(sixteen));
  return sixteen;
}

template <int kLane>
__attribute__((always_inline)) inline int8x16_t RepeatPairOf(int8x16_t sixteen) {
  return vreinterpretq_s8_s16(vdupq_laneq_s16(vreinterpretq_s16_s8(sixteen), kLane));
}

// Pixels whose products are in registers at once: four vectors.
template <int kVectors, int kPixels>
constexpr int kTogether = kPixels* kVectors < 4 ? kPixels : 4 / kVectors;

// Steps 2 * kPair and the next one of eight that begin at `weights`; x[pixel] are the activations of the eight.
template <int kPair, int kVectors, int kPixels, bool kApart>
__attribute__((always_inline)) inline void AddPair(int32x4_t (&acc)[kPixels][kVectors], const int8x16_t (&x)[kPixels],
                                                   const int8_t* weights) {
  const StepWeights<kVectors> first(weights + 2 * kPair * kVectors * 8);
  const StepWeights<kVectors> second(weights + (2 * kPair + 1) * kVectors * 8);
  constexpr int kSome = kTogether<kVectors, kPixels>;
#pragma GCC unroll 8
  for (int m = 0; m + kSome <= kPixels; m += kSome) {
    int8x16_t pairs[2][kSome];
#pragma GCC unroll 4
    for (int k = 0; k < kSome; ++k) {
      pairs[0][k] = RepeatPairOf<2 * kPair>(x[m + k]);
      pairs[1][k] = RepeatPairOf<2 * kPair + 1>(x[m + k]);
    }
    AddSteps<kVectors, kSome, kApart>(acc + m, first, pairs[0], second, pairs[1]);
  }
#pragma GCC unroll 4
  for (int m = kPixels / kSome * kSome; m < kPixels; ++m) {
    const int8x16_t pairs[2][1] = {{RepeatPairOf<2 * kPair>(x[m])}, {RepeatPairOf<2 * kPair + 1>(x[m])}};
    AddSteps<kVectors, 1, kApart>(acc + m, first, pairs[0], second, pairs[1]);
  }
}

// tile[kPixels][kVectors][4] = bias + sums.
template <int kVectors, int kPixels, bool kApart>
void SumNeon(const SumLoops& loops, const int8_t* in, const int8_t* weights, const int32_t* bias, int32_t* tile) {
  constexpr int kStepBytes = kVectors * 8;
  int32x4_t acc[kPixels][kVectors];
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) acc[m][v] = vld1q_s32(bias + v * 4);
  }
  const ptrdiff_t pitch = loops.pixel_pitch;
  for (int32_t row = 0; row < loops.rows; ++row) {
    for (int32_t column = 0; column < loops.columns; ++column) {
      const int8_t* at = in + row * loops.row_pitch + column * loops.column_pitch;
      int32_t step = 0;
      for (; step + 8 <= loops.steps; step += 8, at += 16, weights += 8 * kStepBytes) {
        int8x16_t x[kPixels];
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) x[m] = LoadWhole(at + m * pitch);
        AddPair<0, kVectors, kPixels, kApart>(acc, x, weights);
        AddPair<1, kVectors, kPixels, kApart>(acc, x, weights);
        AddPair<2, kVectors, kPixels, kApart>(acc, x, weights);
        AddPair<3, kVectors, kPixels, kApart>(acc, x, weights);
      }
      for (; step + 2 <= loops.steps; step += 2, at += 4, weights += 2 * kStepBytes) {
        const StepWeights<kVectors> first(weights);
        const StepWeights<kVectors> second(weights + kStepBytes);
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) {
          const int8x16_t pairs[2][1] = {{RepeatPair(at + m * pitch)}, {RepeatPair(at + m * pitch + 2)}};
          AddSteps<kVectors, 1, kApart>(acc + m, first, pairs[0], second, pairs[1]);
        }
      }
      if (step == loops.steps) continue;
      const StepWeights<kVectors> last(weights);
      weights += kStepBytes;
#pragma GCC unroll 8
      for (int m = 0; m < kPixels; ++m) {
        const int8x16_t x = RepeatPair(at + m * pitch);
        int16x8_t products[kVectors];
        Multiply(last, x, products);
        Widen(products, acc[m]);
      }
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) vst1q_s32(tile + (m * kVectors + v) * 4, acc[m][v]);
  }
}

using SumFunctionNeon = void (*)(const SumLoops&, const int8_t*, const int8_t*, const int32_t*, int32_t*);

// Pixels that AccumulateNeon takes at once. Sixteen sums leave registers for as many activations and weights.
inline int32_t MaxPixelsNeon(int32_t vectors) { return vectors == 4 ? 4 : 8; }

// tile[pixel][vector][4] = bias + sums of `pixels` <= MaxPixelsNeon(vectors) pixels, vectors 1, 2 or 4.
template <bool kApart>
void AccumulateNeon(int32_t vectors, int32_t pixels, const SumLoops& loops, const int8_t* in, const int8_t* weights,
                    const int32_t* bias, int32_t* tile) {
  static constexpr SumFunctionNeon kOneVector[] = {SumNeon<1, 1, kApart>, SumNeon<1, 2, kApart>, SumNeon<1, 3, kApart>,
                                                   SumNeon<1, 4, kApart>, SumNeon<1, 5, kApart>, SumNeon<1, 6, kApart>,
                                                   SumNeon<1, 7, kApart>, SumNeon<1, 8, kApart>};
  static constexpr SumFunctionNeon kTwoVectors[] = {SumNeon<2, 1, kApart>, SumNeon<2, 2, kApart>, SumNeon<2, 3, kApart>,
                                                    SumNeon<2, 4, kApart>, SumNeon<2, 5, kApart>, SumNeon<2, 6, kApart>,
                                                    SumNeon<2, 7, kApart>, SumNeon<2, 8, kApart>};
  static constexpr SumFunctionNeon kFourVectors[] = {SumNeon<4, 1, kApart>, SumNeon<4, 2, kApart>,
                                                     SumNeon<4, 3, kApart>, SumNeon<4, 4, kApart>};
  const SumFunctionNeon* const of = vectors == 4 ? kFourVectors : vectors == 2 ? kTwoVectors : kOneVector;
  of[pixels - 1](loops, in, weights, bias, tile);
}

}  // namespace
}  // namespace glimpse::kernels
