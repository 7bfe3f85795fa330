// SPDX-License-Identifier: Apache-2.0
// winograd_driver.h with NEON: transforms of 8 words or 4 sums, smlal by a lane for the products. One smlal makes four
// products of 16 bits, half as many as of bytes, but only a quarter of them is left.
#include "kernels/conv2d/winograd_neon.h"

#include <arm_neon.h>

#include "kernels/conv2d/winograd_driver.h"
#include "kernels/quant/stage_neon.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

// One input channel, lane kLane of x[tile], times 16 weights.
template <int kLane, int kTiles>
__attribute__((always_inline)) inline void AddChannel(int32x4_t (&acc)[kTiles][4], const int16x8_t (&x)[kTiles],
                                                      const int16_t* weights) {
  const int16x8_t low = vld1q_s16(weights + kLane * 16);
  const int16x8_t high = vld1q_s16(weights + kLane * 16 + 8);
#pragma GCC unroll 4
  for (int t = 0; t < kTiles; ++t) {
    acc[t][0] = vmlal_laneq_s16(acc[t][0], vget_low_s16(low), x[t], kLane);
    acc[t][1] = vmlal_high_laneq_s16(acc[t][1], low, x[t], kLane);
    acc[t][2] = vmlal_laneq_s16(acc[t][2], vget_low_s16(high), x[t], kLane);
    acc[t][3] = vmlal_high_laneq_s16(acc[t][3], high, x[t], kLane);
  }
}

// Eight activations in a register: see LoadWhole of sums_neon.h.
__attribute__((always_inline)) inline int16x8_t LoadWhole(const int16_t* from) {
  int16x8_t eight = vld1q_s16(from);
  __asm__("" : "+w"(eight));
  return eight;
}

// sums[kTiles][16] of a multiple of 8 channels. A function of its own, so that no caller's variables take its
// registers.
template <int kTiles>
__attribute__((noinline)) void MultiplyTiles(int32_t depth, const int16_t* in, const int16_t* weights, int32_t* sums) {
  int32x4_t acc[kTiles][4];
#pragma GCC unroll 4
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) acc[t][v] = vdupq_n_s32(0);
  }
  for (int32_t c = 0; c < depth; c += 8, weights += 8 * 16) {
    int16x8_t x[kTiles];
#pragma GCC unroll 4
    for (int t = 0; t < kTiles; ++t) x[t] = LoadWhole(in + t * depth + c);
    AddChannel<0>(acc, x, weights);
    AddChannel<1>(acc, x, weights);
    AddChannel<2>(acc, x, weights);
    AddChannel<3>(acc, x, weights);
    AddChannel<4>(acc, x, weights);
    AddChannel<5>(acc, x, weights);
    AddChannel<6>(acc, x, weights);
    AddChannel<7>(acc, x, weights);
  }
#pragma GCC unroll 4
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) vst1q_s32(sums + (t * 4 + v) * 4, acc[t][v]);
  }
}

struct Neon {
  using Words = int16x8_t;
  using Sums = uint32x4_t;
  using SignedSums = int32x4_t;
  static constexpr bool kWrittenOut = true;
  static constexpr int32_t kBlock = 12;
  static constexpr int32_t kPanel = 16;
  static constexpr int32_t kGranule = 1;
  static constexpr int32_t kLanes = 4;

  static int32_t PanelChannel(int32_t lane) { return lane; }

  static void StageCentred(const int8_t* from, size_t count, int32_t zero_point, int16_t* to) {
    StageCentredNeon(from, count, zero_point, to);
  }
  static void Multiply(const WinogradProduct<kBlock>& product) {
    const auto depth = static_cast<int32_t>(product.depth);
    for (int32_t y = 0; y < product.rows; ++y) {
      for (int32_t x = 0; x < product.columns; ++x) {
        const int16_t* in = product.InAt(y, x);
        const int16_t* const weights = product.WeightsAt(y, x, kPanel);
        int32_t* sums = product.SumsAt(y, x, kPanel);
        int32_t tiles = product.tiles;
        for (; tiles >= 4; tiles -= 4, in += 4 * depth, sums += 4 * kPanel) MultiplyTiles<4>(depth, in, weights, sums);
        if (tiles == 3) MultiplyTiles<3>(depth, in, weights, sums);
        if (tiles == 2) MultiplyTiles<2>(depth, in, weights, sums);
        if (tiles == 1) MultiplyTiles<1>(depth, in, weights, sums);
      }
    }
  }
  static void Store(const LaneScales& scales, int32_t lane, const int32_t* tile, const PixelRun* runs, int32_t count,
                    int32_t channels, ptrdiff_t pitch) {
    for (const PixelRun* run = runs; run != runs + count; ++run) {
      StoreTileNeon(4, scales, static_cast<size_t>(lane), tile + run->first * kPanel, run->count, channels, run->to,
                    pitch);
    }
  }
};

using Kernel = WinogradConvolution<Neon>;

}  // namespace

bool WinogradWinsNeon(const Conv2DParams& p, const FilterView& filter) {
  if (p.input_depth % 8 != 0 || p.output_depth < 8 || !HasScaleForm(p.linear, p.output_depth)) return false;
  // Cycles of a Cortex-A72 as bench/mca.py counts them, C input and O output channels. A whole tile: 36 C O products,
  // four in a cycle; its inputs 195 for 8 channels; back 115 for 4; one of an edge as many less as it has points.
  // Written out: 9 C O products of bytes for each output, eight in a cycle. Few tiles do not make up for reading eight
  // times the bytes of weights.
  const WinogradTiles tiles = Kernel::Tiles(p);
  int64_t points = 0;
  for (int32_t t = 0; t < tiles.count(); ++t) {
    const WinogradTile tile = tiles.At(t);
    points += int64_t{WinogradPoints(tile.rows)} * WinogradPoints(tile.columns);
  }
  const int64_t depths = int64_t{p.input_depth} * ((p.output_depth + 15) / 16 * 16);
  const int64_t ours = points * (9 * depths + 24 * int64_t{p.input_depth} + 29 * int64_t{p.output_depth}) / 36;
  const SumsExtent sums = SumsOf(p);
  const int64_t written_out = int64_t{sums.rows} * sums.columns * 9 * p.input_depth * p.output_depth / 8;
  return tiles.count() >= 4 && 10 * ours < 9 * written_out && WinogradIsExact(p, filter);
}

size_t WinogradPackedBytesNeon(const Conv2DParams& p) { return Kernel::PackedBytes(p); }
size_t WinogradScratchBytesNeon(const Conv2DParams& p) { return Kernel::ScratchBytes(p); }
void WinogradPackNeon(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  Kernel::Pack(p, filter, bias, packed);
}
void WinogradRunNeon(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  Kernel::Run(p, packed, input, scratch, output);
}

}  // namespace glimpse::kernels
