// SPDX-License-Identifier: Apache-2.0
// row_words_avx2.h. A panel is 16 channels, two vectors of eight lanes; a step is two channels of input, which are
// broadcast; its weights of one panel are 32 bytes. Panels go through in pairs.
#include "kernels/conv2d/row_words_avx2.h"

#include <immintrin.h>

#include "kernels/conv2d/sum_avx2.h"
#include "kernels/quant/stage_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kPanel = 16;
constexpr size_t kHeader = 64;
constexpr size_t kStepBytes = 2 * kPanel;  // of a panel's weights

size_t Size(int64_t n) { return static_cast<size_t>(n); }
size_t Aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }
int32_t Lanes(const Conv2DParams& p) { return (p.output_depth + kPanel - 1) / kPanel * kPanel; }
int32_t Steps(const Conv2DParams& p) { return (p.input_depth + 1) / 2; }
size_t StagedBytes(const Conv2DParams& p) { return Aligned(Size(Steps(p)) * 2 * sizeof(int16_t)); }

LaneScales ScalesIn(const Conv2DParams& p, void* packed) {
  return MapLaneScales(p.linear, *static_cast<ScaleForm*>(packed), Lanes(p), static_cast<uint8_t*>(packed) + kHeader);
}
int8_t* WeightsIn(const Conv2DParams& p, void* packed) {
  return static_cast<int8_t*>(packed) + kHeader + LaneScalesBytes(Lanes(p));
}

// Sums of kPanels panels from `weights` on to tile[kPanels][2][8].
template <int kPanels>
void Sum(int32_t steps, const int16_t* x, const int8_t* weights, const int32_t* bias, int32_t* tile) {
  __m256i acc[kPanels * 2];
#pragma GCC unroll 4
  for (int v = 0; v < kPanels * 2; ++v) acc[v] = Load(bias + v * 8);
  const size_t panel_bytes = Size(steps) * kStepBytes;
  for (int32_t step = 0; step < steps; ++step, x += 2, weights += kStepBytes) {
    const __m256i pair = BroadcastPair(x);
#pragma GCC unroll 4
    for (int v = 0; v < kPanels * 2; ++v) {
      const int8_t* from = weights + Size(v / 2) * panel_bytes + v % 2 * 16;
      MultiplyAdd(acc[v], pair, _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(from))));
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kPanels * 2; ++v) _mm256_store_si256(reinterpret_cast<__m256i*>(tile + v * 8), acc[v]);
}

}  // namespace

size_t RowWordsPackedBytesAvx2(const Conv2DParams& p) {
  return kHeader + LaneScalesBytes(Lanes(p)) + Size(Lanes(p)) * 2 * Size(Steps(p));
}

size_t RowWordsScratchBytesAvx2(const Conv2DParams& p) { return StagedBytes(p) + Size(Lanes(p)) * sizeof(int32_t); }

void RowWordsPackAvx2(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  *static_cast<ScaleForm*>(packed) = ChooseScaleForm(p.linear, p.output_depth);
  const LaneScales scales = ScalesIn(p, packed);
  int8_t* const weights = WeightsIn(p, packed);
  const size_t panel_bytes = Size(Steps(p)) * kStepBytes;
  for (int32_t lane = 0; lane < Lanes(p); ++lane) {
    const int32_t o = lane / kPanel * kPanel + PackedChannel256(2, lane % kPanel / 8, lane % 8);
    const bool real = o < p.output_depth;
    SetLane(scales, lane, 8, real ? p.linear.scales + o : nullptr, real && bias != nullptr ? bias[o] : 0);
    int8_t* const to = weights + Size(lane / kPanel) * panel_bytes + Size(lane % kPanel) * 2;
    for (int32_t c = 0; c < Steps(p) * 2; ++c) {
      const bool inside = real && c < p.input_depth;
      to[Size(c / 2) * kStepBytes + Size(c % 2)] =
          inside ? filter.data[o * filter.output + c * filter.channel] : int8_t{0};
    }
  }
  ProveRow256(scales, Lanes(p), p.linear, p.output_depth);
}

void RowWordsRunAvx2(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  void* const memory = const_cast<void*>(packed);
  const LaneScales scales = ScalesIn(p, memory);
  const int8_t* weights = WeightsIn(p, memory);
  auto* const x = static_cast<int16_t*>(scratch);
  auto* const tile = reinterpret_cast<int32_t*>(static_cast<uint8_t*>(scratch) + StagedBytes(p));
  StageCentred256(input, Size(p.input_depth), p.linear.input_zero_point, x);
  if (p.input_depth % 2 != 0) x[p.input_depth] = 0;
  const int32_t steps = Steps(p);
  const int32_t panels = Lanes(p) / kPanel;
  int32_t panel = 0;
  for (; panel + 2 <= panels; panel += 2) {
    Sum<2>(steps, x, weights, scales.bias + panel * kPanel, tile + panel * kPanel);
    weights += 2 * Size(steps) * kStepBytes;
  }
  if (panel < panels) Sum<1>(steps, x, weights, scales.bias + panel * kPanel, tile + panel * kPanel);
  StoreRow256(scales, tile, p.output_depth, output);
}

}  // namespace glimpse::kernels
