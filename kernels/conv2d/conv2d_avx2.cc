// SPDX-License-Identifier: Apache-2.0
// CONV_2D on int8 with AVX2: vpmaddwd multiplies sixteen pairs of 16-bit numbers and adds neighbours to eight 32-bit
// sums.
//
// Staged activations are x - zero point in 16 bits, in [-255, 255], weights are widened when they are packed. A pair of
// products is at most 2 * 255 * 128 and never saturates, padding is 0, and no correction is left to do. A lane is an
// output channel, a step two channels of input. (vpmaddubsw would take bytes, but saturates at 16 bits: it is exact
// only for some weights.)
#include "kernels/conv2d/conv2d_driver.h"
#include "kernels/conv2d/direct_avx2.h"
#include "kernels/conv2d/live_channels.h"
#include "kernels/conv2d/row_avx2.h"
#include "kernels/conv2d/row_words_avx2.h"
#include "kernels/conv2d/stride2_avx2.h"
#include "kernels/conv2d/sum_avx2.h"
#include "kernels/conv2d/winograd_avx2.h"
#include "kernels/quant/stage_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

struct Avx2 {
  using Element = int16_t;
  using Weight = int16_t;
  static constexpr int32_t kGranule = 2;
  static constexpr int32_t kLanes = 8;
  static constexpr int32_t kMaxPixels = 8;
  static constexpr int32_t kMaxTile = 12 * kLanes;
  static constexpr bool kGathers = true;

  static int32_t PanelVectors(int32_t channels) { return channels <= 8 ? 1 : 2; }
  static int32_t MaxPixels(int32_t vectors) { return MaxPixels256(vectors); }
  static int32_t PanelChannel(int32_t vectors, int32_t vector, int32_t lane) {
    return PackedChannel256(vectors, vector, lane);
  }
  static int16_t Padding(int32_t) { return 0; }
  static int32_t SumOffset(int32_t) { return 0; }
  static void Stage(const int8_t* from, size_t count, int32_t zero_point, int16_t* to) {
    StageCentred256(from, count, zero_point, to);
  }
  static void Interleave(const int16_t* a, const int16_t* b, size_t count, int16_t* to) {
    Interleave256(a, b, count, to);
  }
  static void RefineLane(const LaneScales& scales, int32_t lane, const OutputScale* scale, const LinearParams& linear,
                         int64_t pixels) {
    ProveLane256(scales, lane, scale, linear, pixels);
  }

  static void Accumulate(int32_t vectors, int32_t pixels, const SumLoops& loops, const int16_t* in,
                         const int16_t* weights, const int32_t* bias, int32_t* tile) {
    Sum256(vectors, pixels, loops, in, weights, bias, tile);
  }
  static void LargestOfTwoByTwo(int32_t vectors, int32_t windows, const SumLoops& loops, const int16_t* in,
                                ptrdiff_t lower, const int16_t* weights, const int32_t* bias, int32_t* to) {
    (vectors == 2 ? kernels::LargestOfTwoByTwo<2> : kernels::LargestOfTwoByTwo<1>)(windows, loops, in, lower, weights,
                                                                                   bias, to);
  }
  static void Finish(int32_t vectors, const LaneScales& scales, int32_t lane, const int32_t* tile, int32_t pixels,
                     int32_t channels, int8_t* out, ptrdiff_t pitch) {
    StoreTile256(vectors, scales, static_cast<size_t>(lane), tile, pixels, channels, out, pitch);
  }
  static DirectFunction256 ChooseDirect(int32_t vectors, int32_t pixels, const LaneScales& scales, int32_t lane,
                                        int32_t channels) {
    return ChooseDirect256(vectors, pixels, scales, static_cast<size_t>(lane), channels);
  }
};

using Kernel = PackedConvolution<Avx2>;

// Which way the weights are packed for stands in the packed memory, behind the form of the scales.
enum class Way : int32_t { kSums, kWinograd, kStride2, kRow, kRowWords, kLive };

Way& WayIn(void* packed) { return static_cast<Way*>(packed)[1]; }
Way WayIn(const void* packed) { return static_cast<const Way*>(packed)[1]; }

Way ChooseWay(const Conv2DParams& p, const FilterView& filter) {
  if (IsRow(p)) return RowWinsAvx2(p, filter) ? Way::kRow : Way::kRowWords;
  if (Stride2WinsAvx2(p)) return Way::kStride2;
  return WinogradWinsAvx2(p, filter) ? Way::kWinograd : Way::kSums;
}

size_t PackedBytes(const Conv2DParams& p, const FilterView& filter) {
  switch (ChooseWay(p, filter)) {
    case Way::kRow:
      return RowPackedBytesAvx2(p, filter);
    case Way::kRowWords:
      return RowWordsPackedBytesAvx2(p);
    case Way::kWinograd:
      // By itself the convolution is faster then than pooled without Winograd.
      return WinogradPools(p) ? WinogradPackedBytesAvx2(p) : 0;
    case Way::kStride2:
      return Stride2PackedBytesAvx2(p);
    default:
      return Kernel::PackedBytes(p, filter);
  }
}

void Pack(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  const Way way = ChooseWay(p, filter);
  if (way == Way::kRow) RowPackAvx2(p, filter, bias, packed);
  if (way == Way::kRowWords) RowWordsPackAvx2(p, filter, bias, packed);
  if (way == Way::kWinograd) WinogradPackAvx2(p, filter, bias, packed);
  if (way == Way::kStride2) Stride2PackAvx2(p, filter, bias, packed);
  if (way == Way::kSums) Kernel::Pack(p, filter, bias, packed);
  WayIn(packed) = way;
}

size_t ScratchBytes(const Conv2DParams& p, const void* packed) {
  switch (WayIn(packed)) {
    case Way::kRow:
      return RowScratchBytesAvx2(p);
    case Way::kRowWords:
      return RowWordsScratchBytesAvx2(p);
    case Way::kWinograd:
      return WinogradScratchBytesAvx2(p);
    case Way::kStride2:
      return Stride2ScratchBytesAvx2(p);
    default:
      return Kernel::ScratchBytes(p, packed);
  }
}

void Run(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  switch (WayIn(packed)) {
    case Way::kRow:
      return RowRunAvx2(p, packed, input, scratch, output);
    case Way::kRowWords:
      return RowWordsRunAvx2(p, packed, input, scratch, output);
    case Way::kWinograd:
      return WinogradRunAvx2(p, packed, input, scratch, output);
    case Way::kStride2:
      return Stride2RunAvx2(p, packed, input, scratch, output);
    default:
      return Kernel::Run(p, packed, input, scratch, output);
  }
}

// Live channels (live_channels.h) on top of them.
constexpr PackedConv2DS8 kAllChannels = {PackedBytes, Pack, ScratchBytes, Run};

void Spread256(const SpreadGroup* groups, const int8_t* live, size_t pixels, int32_t live_depth, int32_t depth,
               int8_t* output) {
  for (size_t i = 0; i < pixels; ++i, live += live_depth) {
    const SpreadGroup* group = groups;
    for (int32_t left = depth; left > 0; left -= 16, ++group) {
      const auto sixteen = [](const int8_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
      const __m128i bytes = _mm_shuffle_epi8(sixteen(live + group->first), sixteen(group->positions));
      const int32_t some = left < 16 ? left : 16;
      StoreBytes256(_mm_or_si128(bytes, sixteen(group->constants)), some, output);
      output += some;
    }
  }
}

size_t BestPackedBytes(const Conv2DParams& p, const FilterView& filter) {
  if (MayHaveKnownChannels(p, filter)) return LivePackedBytes(kAllChannels, p, filter);
  return PackedBytes(p, filter);
}

void BestPack(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  if (!MayHaveKnownChannels(p, filter)) return Pack(p, filter, bias, packed);
  LivePack(kAllChannels, p, filter, bias, packed);
  WayIn(packed) = Way::kLive;
}

size_t BestScratchBytes(const Conv2DParams& p, const void* packed) {
  if (WayIn(packed) == Way::kLive) return LiveScratchBytes(kAllChannels, p, packed);
  return ScratchBytes(p, packed);
}

void BestRun(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  if (WayIn(packed) == Way::kLive) return LiveRun(kAllChannels, Spread256, p, packed, input, scratch, output);
  Run(p, packed, input, scratch, output);
}

}  // namespace

const PackedConv2DS8 kConv2DS8Avx2 = {BestPackedBytes, BestPack, BestScratchBytes, BestRun};

}  // namespace glimpse::kernels
