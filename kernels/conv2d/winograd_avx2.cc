// SPDX-License-Identifier: Apache-2.0
// winograd_driver.h with AVX2: transforms of 16 words or 8 sums, vpmaddwd for the products.
#include "kernels/conv2d/winograd_avx2.h"

#include <immintrin.h>

#include "kernels/conv2d/sum_avx2.h"
#include "kernels/conv2d/sum_cost_avx2.h"
#include "kernels/conv2d/winograd_driver.h"
#include "kernels/quant/stage_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kPanelChannels = 16;
constexpr int32_t kMostTiles = 6;  // twelve sums in registers

using Product = WinogradProduct<kMostTiles>;

// All kTiles tiles of a product: Sum256 without what it would do for each point again, which short sums
// feel.
template <int kTiles>
void MultiplyTiles(const Product& product) {
  constexpr int kThirds = (kTiles + 2) / 3;
  const size_t depth = product.depth;
  for (int32_t y = 0; y < product.rows; ++y) {
    const int16_t* in = product.InAt(y, 0);
    const int16_t* weights = product.WeightsAt(y, 0, kPanelChannels);
    int32_t* sums = product.SumsAt(y, 0, kPanelChannels);
    for (int32_t x = product.columns; x != 0; --x) {
      __m256i acc[kTiles][2];
      const int16_t* at[kThirds];
#pragma GCC unroll 2
      for (int k = 0; k < kThirds; ++k) {
        at[k] = in + static_cast<size_t>(3 * k) * depth;
        asm("" : "+r"(at[k]));  // as in Sum()
      }
      const auto step = [&]<bool kFirst>() __attribute__((always_inline)) {
        const __m256i w[2] = {Load(weights), Load(weights + 16)};
        weights += 2 * kPanelChannels;
#pragma GCC unroll 6
        for (int t = 0; t < kTiles; ++t) {
          const __m256i pair = BroadcastPair(at[t / 3] + static_cast<size_t>(t % 3) * depth);
#pragma GCC unroll 2
          for (int v = 0; v < 2; ++v) {
            if constexpr (kFirst) {
              acc[t][v] = _mm256_madd_epi16(pair, w[v]);
            } else {
              MultiplyAdd(acc[t][v], pair, w[v]);
            }
          }
        }
#pragma GCC unroll 2
        for (int k = 0; k < kThirds; ++k) at[k] += 2;
      };
      step.template operator()<true>();
      for (size_t left = depth / 2 - 1; left != 0; --left) step.template operator()<false>();
#pragma GCC unroll 6
      for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 2
        for (int v = 0; v < 2; ++v) {
          _mm256_store_si256(reinterpret_cast<__m256i*>(sums + t * kPanelChannels + v * 8), acc[t][v]);
        }
      }
      in += static_cast<size_t>(kMostTiles) * depth;
      sums += kMostTiles * kPanelChannels;
    }
  }
}

using MultiplyFunction = void (*)(const Product&);
constexpr MultiplyFunction kMultiply[] = {MultiplyTiles<1>, MultiplyTiles<2>, MultiplyTiles<3>,
                                          MultiplyTiles<4>, MultiplyTiles<5>, MultiplyTiles<6>};

struct Avx2 {
  typedef int16_t Words __attribute__((vector_size(32)));
  typedef uint32_t Sums __attribute__((vector_size(32)));
  typedef int32_t SignedSums __attribute__((vector_size(32)));
  static constexpr bool kWrittenOut = false;
  static constexpr int32_t kBlock = kMostTiles;
  static constexpr int32_t kPanel = kPanelChannels;
  static constexpr int32_t kGranule = 2;
  static constexpr int32_t kLanes = 8;

  static int32_t PanelChannel(int32_t lane) { return PackedChannel256(2, lane / 8, lane % 8); }
  static void RefineLane(const LaneScales& scales, int32_t lane, const OutputScale* scale, const LinearParams& linear,
                         int64_t pixels) {
    ProveLane256(scales, lane, scale, linear, pixels);
  }
  static bool ProveTimes(const LaneScales& scales, int32_t lane, const OutputScale* const* panel_scales,
                         const LinearParams& linear, int64_t pixels) {
    for (int32_t i = 0; i < kPanel; ++i) {
      ProveLane256(scales, lane + i, panel_scales[i], linear, pixels, kWinogradTimes);
    }
    return IsProven256(scales, static_cast<size_t>(lane), 2);
  }
  static void StageCentred(const int8_t* from, size_t count, int32_t zero_point, int16_t* to) {
    StageCentred256(from, count, zero_point, to);
  }
  static void Multiply(const Product& product) { kMultiply[product.tiles - 1](product); }
  static void Store(const LaneScales& scales, int32_t lane, const int32_t* tile, const PixelRun* runs, int32_t count,
                    int32_t channels, ptrdiff_t pitch) {
    StoreRuns256(scales, static_cast<size_t>(lane), tile, runs, count, channels, pitch);
  }
};

using Kernel = WinogradConvolution<Avx2>;

// Cycles of all tiles, measured. A tile's transforms take so many for 16 channels of input, and for a panel.
int64_t Cycles(const WinogradTiles& tiles, int64_t depth, int64_t panels) {
  constexpr int64_t kFixed = 1000;
  constexpr int64_t kInput = 80;
  constexpr int64_t kBack = 150;
  const int64_t reading = ReadingCycles(36 * depth * panels * kPanelChannels);
  int64_t products = 0;
  int64_t transforms = 0;
  for (int32_t first = 0; first < tiles.count(); first += Avx2::kBlock) {
    const int32_t count = tiles.count() - first < Avx2::kBlock ? tiles.count() - first : Avx2::kBlock;
    ForEachRectangle(tiles, {first, count}, [&](const PointRectangle& points, TileRange range) {
      products += int64_t{points.rows} * points.columns * StepCycles(range.count, reading);
    });
    for (int32_t t = 0; t < count; ++t) {
      const WinogradTile tile = tiles.At(first + t);
      transforms += (kInput * depth / 16 + kBack * panels) * WinogradPoints(tile.rows) * WinogradPoints(tile.columns);
    }
  }
  return products * panels * depth / 2 / 3 + transforms / 36 + kFixed;
}

}  // namespace

bool WinogradWinsAvx2(const Conv2DParams& p, const FilterView& filter) {
  if (p.input_depth % 16 != 0 || p.output_depth < 8 || !HasScaleForm(p.linear, p.output_depth)) return false;
  const SumsExtent sums = SumsOf(p);
  const int64_t panels = (p.output_depth + kPanelChannels - 1) / kPanelChannels;
  const int64_t steps = panels * 9 * p.input_depth / 2;
  const int64_t reading = ReadingCycles(2 * steps * kPanelChannels);
  const int64_t written_out = steps * StepCycles(int64_t{sums.rows} * sums.columns, reading) / 3;
  return 10 * Cycles(Kernel::Tiles(p), p.input_depth, panels) < 9 * written_out && WinogradIsExact(p, filter);
}

size_t WinogradPackedBytesAvx2(const Conv2DParams& p) { return Kernel::PackedBytes(p); }
size_t WinogradScratchBytesAvx2(const Conv2DParams& p) { return Kernel::ScratchBytes(p); }
void WinogradPackAvx2(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  Kernel::Pack(p, filter, bias, packed);
}
void WinogradRunAvx2(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  Kernel::Run(p, packed, input, scratch, output);
}

}  // namespace glimpse::kernels
