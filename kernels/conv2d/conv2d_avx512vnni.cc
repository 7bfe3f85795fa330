// SPDX-License-Identifier: Apache-2.0
// CONV_2D on int8 with AVX-512 VNNI: vpdpbusd adds four products of an unsigned and a signed byte to each 32-bit lane,
// modulo 2^32.
//
// Activations become unsigned by x + 128 (their sign bit flipped), so that a sum is too large by (128 + zero point)
// times the sum of the channel's weights: that number is taken off the bias when weights are packed. Padding is staged
// as 128 + zero point and thus contributes nothing, as it must. A lane is an output channel, a step four channels of
// input; activations are broadcast from memory, which costs a load and no arithmetic port.
#include <immintrin.h>

#include <cstring>

#include "kernels/conv2d/conv2d_driver.h"
#include "kernels/quant/stage_avx512.h"
#include "kernels/quant/store_avx512.h"

namespace glimpse::kernels {
namespace {

struct Avx512Vnni {
  using Element = uint8_t;
  using Weight = int8_t;
  static constexpr int32_t kGranule = 4;
  static constexpr int32_t kLanes = 16;
  static constexpr int32_t kMaxPixels = 12;
  static constexpr int32_t kMaxTile = 24 * kLanes;

  static int32_t PanelVectors(int32_t channels) {
    return channels <= 16 ? 1 : channels <= 32 || channels == 48 ? 2 : 4;
  }
  // Sums in flight: the instruction takes 5 cycles and two start in each, so 10 at least; 24 leave registers for the
  // rest.
  static int32_t MaxPixels(int32_t vectors) { return vectors == 4 ? 6 : vectors == 2 ? 8 : 12; }
  static int32_t PanelChannel(int32_t vectors, int32_t vector, int32_t lane) {
    return PackedChannel512(vectors, vector, lane);
  }
  static uint8_t Padding(int32_t zero_point) { return static_cast<uint8_t>(zero_point + 128); }
  static int32_t SumOffset(int32_t zero_point) { return zero_point + 128; }

  static void Stage(const int8_t* from, size_t count, int32_t, uint8_t* to) { StageUnsigned512(from, count, to); }

  static void Accumulate(int32_t vectors, int32_t pixels, const SumLoops& loops, const uint8_t* in,
                         const int8_t* weights, const int32_t* bias, int32_t* tile);
  static void Finish(int32_t vectors, const LaneScales& scales, int32_t lane, const int32_t* tile, int32_t pixels,
                     int32_t channels, int8_t* out, ptrdiff_t pitch) {
    StoreTile512(vectors, scales, static_cast<size_t>(lane), tile, pixels, channels, out, pitch);
  }
};

__attribute__((always_inline)) inline __m512i Broadcast(const uint8_t* from) {
  int32_t four = 0;
  std::memcpy(&four, from, sizeof(four));
  return _mm512_set1_epi32(four);
}

// Four channels of input for each pixel. Pixels are addressed from every third one, which fits the address forms of the
// processor.
template <int kVectors, int kPixels>
__attribute__((always_inline)) inline void Step(__m512i (&acc)[kPixels][kVectors], const uint8_t* at, ptrdiff_t pitch,
                                                const int8_t* weights) {
  __m512i w[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) w[v] = _mm512_load_si512(weights + v * 64);
#pragma GCC unroll 12
  for (int m = 0; m < kPixels; ++m) {
    const __m512i x = Broadcast(at + m / 3 * 3 * pitch + m % 3 * pitch);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) acc[m][v] = _mm512_dpbusd_epi32(acc[m][v], x, w[v]);
  }
}

// kPixels * kVectors sums in registers.
template <int kVectors, int kPixels>
void Sum(const SumLoops& loops, const uint8_t* in, const int8_t* weights, const int32_t* bias, int32_t* tile) {
  // Few sums alone would wait for each other, so every other step has sums of its own.
  constexpr int kChains = kPixels * kVectors >= 10 ? 1 : 2;
  __m512i acc[kPixels][kVectors];
  __m512i other[kPixels][kVectors];
#pragma GCC unroll 12
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      acc[m][v] = _mm512_load_si512(bias + v * 16);
      other[m][v] = _mm512_setzero_si512();
    }
  }
  const ptrdiff_t pitch = loops.pixel_pitch;
  for (int32_t row = 0; row < loops.rows; ++row) {
    for (int32_t column = 0; column < loops.columns; ++column) {
      const uint8_t* at = in + row * loops.row_pitch + column * loops.column_pitch;
      int32_t step = 0;
      for (; step + kChains <= loops.steps; step += kChains, at += 4 * kChains, weights += kChains * kVectors * 64) {
        Step(acc, at, pitch, weights);
        if constexpr (kChains == 2) Step(other, at + 4, pitch, weights + kVectors * 64);
      }
      if (step == loops.steps) continue;
      Step(acc, at, pitch, weights);
      weights += kVectors * 64;
    }
  }
#pragma GCC unroll 12
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const __m512i sum = kChains == 1 ? acc[m][v] : _mm512_add_epi32(acc[m][v], other[m][v]);
      _mm512_store_si512(tile + (m * kVectors + v) * 16, sum);
    }
  }
}

using SumFunction = void (*)(const SumLoops&, const uint8_t*, const int8_t*, const int32_t*, int32_t*);

constexpr SumFunction kOneVector[] = {Sum<1, 1>, Sum<1, 2>, Sum<1, 3>, Sum<1, 4>,  Sum<1, 5>,  Sum<1, 6>,
                                      Sum<1, 7>, Sum<1, 8>, Sum<1, 9>, Sum<1, 10>, Sum<1, 11>, Sum<1, 12>};
constexpr SumFunction kTwoVectors[] = {Sum<2, 1>, Sum<2, 2>, Sum<2, 3>, Sum<2, 4>,
                                       Sum<2, 5>, Sum<2, 6>, Sum<2, 7>, Sum<2, 8>};
constexpr SumFunction kFourVectors[] = {Sum<4, 1>, Sum<4, 2>, Sum<4, 3>, Sum<4, 4>, Sum<4, 5>, Sum<4, 6>};

void Avx512Vnni::Accumulate(int32_t vectors, int32_t pixels, const SumLoops& loops, const uint8_t* in,
                            const int8_t* weights, const int32_t* bias, int32_t* tile) {
  const SumFunction* of = vectors == 4 ? kFourVectors : vectors == 2 ? kTwoVectors : kOneVector;
  of[pixels - 1](loops, in, weights, bias, tile);
}

using Kernel = PackedConvolution<Avx512Vnni>;

}  // namespace

const PackedConv2DS8 kConv2DS8Avx512Vnni = {Kernel::PackedBytes, Kernel::Pack, Kernel::ScratchBytes, Kernel::Run};

}  // namespace glimpse::kernels
