// SPDX-License-Identifier: Apache-2.0
// CONV_2D on int8 with sdot (Cortex-A76): adds four products of bytes to each of four 32-bit sums, modulo 2^32, which
// is exact for all weights.
//
// A vector is four output channels, a step four channels of input: 16 bytes of weights (channel 0: w0 to w3, channel 1:
// ...) times four activations, which the instruction itself repeats out of a register of sixteen. Activations are
// staged as in conv2d_neon.cc.
#include <arm_neon.h>

#include "kernels/conv2d/conv2d_driver.h"
#include "kernels/quant/stage_neon.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

struct Dotprod {
  using Element = int8_t;
  using Weight = int8_t;
  static constexpr int32_t kGranule = 4;
  static constexpr int32_t kLanes = 4;
  static constexpr int32_t kMaxPixels = 8;
  static constexpr int32_t kMaxTile = 16 * kLanes;

  // 12 channels are 8 and 4.
  static int32_t PanelVectors(int32_t channels) { return channels <= 4 ? 1 : channels <= 12 ? 2 : 4; }
  // Sixteen sums hide what an sdot takes, and leave registers for as many activations and weights.
  static int32_t MaxPixels(int32_t vectors) { return vectors == 4 ? 4 : 8; }
  static int32_t PanelChannel(int32_t, int32_t vector, int32_t lane) { return vector * kLanes + lane; }
  static int8_t Padding(int32_t zero_point) { return static_cast<int8_t>(zero_point); }
  static int32_t SumOffset(int32_t zero_point) { return zero_point; }
  static void Stage(const int8_t* from, size_t count, int32_t, int8_t* to) { StageNeon(from, count, to); }

  static void Accumulate(int32_t vectors, int32_t pixels, const SumLoops& loops, const int8_t* in,
                         const int8_t* weights, const int32_t* bias, int32_t* tile);
  static void Finish(int32_t vectors, const LaneScales& scales, int32_t lane, const int32_t* tile, int32_t pixels,
                     int32_t channels, int8_t* out, ptrdiff_t pitch) {
    StoreTileNeon(vectors, scales, static_cast<size_t>(lane), tile, pixels, channels, out, pitch);
  }
};

__attribute__((always_inline)) inline int8x16_t RepeatFour(const int8_t* from) {
  int32_t four = 0;
  __builtin_memcpy(&four, from, sizeof(four));
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

// One step of four that begin at `weights`; x[pixel] are the activations of the four.
template <int kStep, int kVectors, int kPixels>
__attribute__((always_inline)) inline void AddStep(int32x4_t (&acc)[kPixels][kVectors], const int8x16_t (&x)[kPixels],
                                                   const int8_t* weights) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const int8x16_t w = vld1q_s8(weights + (kStep * kVectors + v) * 16);
#pragma GCC unroll 8
    for (int m = 0; m < kPixels; ++m) acc[m][v] = vdotq_laneq_s32(acc[m][v], w, x[m], kStep);
  }
}

// tile[kPixels][kVectors][4] = bias + sums.
template <int kVectors, int kPixels>
void SumDotprod(const SumLoops& loops, const int8_t* in, const int8_t* weights, const int32_t* bias, int32_t* tile) {
  constexpr int kStepBytes = kVectors * 16;
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
      for (; step + 4 <= loops.steps; step += 4, at += 16, weights += 4 * kStepBytes) {
        int8x16_t x[kPixels];
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) x[m] = vld1q_s8(at + m * pitch);
        AddStep<0>(acc, x, weights);
        AddStep<1>(acc, x, weights);
        AddStep<2>(acc, x, weights);
        AddStep<3>(acc, x, weights);
      }
      for (; step < loops.steps; ++step, at += 4, weights += kStepBytes) {
        int8x16_t x[kPixels];
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) x[m] = RepeatFour(at + m * pitch);
        AddStep<0>(acc, x, weights);
      }
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) vst1q_s32(tile + (m * kVectors + v) * 4, acc[m][v]);
  }
}

using SumFunction = void (*)(const SumLoops&, const int8_t*, const int8_t*, const int32_t*, int32_t*);

constexpr SumFunction kOneVector[] = {SumDotprod<1, 1>, SumDotprod<1, 2>, SumDotprod<1, 3>, SumDotprod<1, 4>,
                                      SumDotprod<1, 5>, SumDotprod<1, 6>, SumDotprod<1, 7>, SumDotprod<1, 8>};
constexpr SumFunction kTwoVectors[] = {SumDotprod<2, 1>, SumDotprod<2, 2>, SumDotprod<2, 3>, SumDotprod<2, 4>,
                                       SumDotprod<2, 5>, SumDotprod<2, 6>, SumDotprod<2, 7>, SumDotprod<2, 8>};
constexpr SumFunction kFourVectors[] = {SumDotprod<4, 1>, SumDotprod<4, 2>, SumDotprod<4, 3>, SumDotprod<4, 4>};

void Dotprod::Accumulate(int32_t vectors, int32_t pixels, const SumLoops& loops, const int8_t* in,
                         const int8_t* weights, const int32_t* bias, int32_t* tile) {
  const SumFunction* const of = vectors == 4 ? kFourVectors : vectors == 2 ? kTwoVectors : kOneVector;
  of[pixels - 1](loops, in, weights, bias, tile);
}

using Kernel = PackedConvolution<Dotprod>;

}  // namespace

const PackedConv2DS8 kConv2DS8Dotprod = {Kernel::PackedBytes, Kernel::Pack, Kernel::ScratchBytes, Kernel::Run};

}  // namespace glimpse::kernels
