// SPDX-License-Identifier: Apache-2.0
// CONV_2D on int8 with NEON of every arm64 (Cortex-A53, -A72).
//
// Activations are staged as they are: a sum is then too large by the zero point times the sum of the channel's weights,
// which is taken off the bias when weights are packed, and padding is the zero point. The inner kernel and its proof:
// sums_neon.h. 3x3 filters by winograd.h where that is exact and faster.
#include "kernels/conv2d/conv2d_driver.h"
#include "kernels/conv2d/sums_neon.h"
#include "kernels/conv2d/winograd_neon.h"
#include "kernels/quant/stage_neon.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

template <bool kApart>
struct Neon {
  using Element = int8_t;
  using Weight = int8_t;
  static constexpr int32_t kGranule = 2;
  static constexpr int32_t kLanes = 4;
  static constexpr int32_t kMaxPixels = 8;
  static constexpr int32_t kMaxTile = 16 * kLanes;

  // 12 channels are 8 and 4.
  static int32_t PanelVectors(int32_t channels) { return channels <= 4 ? 1 : channels <= 12 ? 2 : 4; }
  static int32_t MaxPixels(int32_t vectors) { return MaxPixelsNeon(vectors); }
  static int32_t PanelChannel(int32_t, int32_t vector, int32_t lane) { return vector * kLanes + lane; }
  static int8_t Padding(int32_t zero_point) { return static_cast<int8_t>(zero_point); }
  static int32_t SumOffset(int32_t zero_point) { return zero_point; }
  static void Stage(const int8_t* from, size_t count, int32_t, int8_t* to) { StageNeon(from, count, to); }

  static void Accumulate(int32_t vectors, int32_t pixels, const SumLoops& loops, const int8_t* in,
                         const int8_t* weights, const int32_t* bias, int32_t* tile) {
    AccumulateNeon<kApart>(vectors, pixels, loops, in, weights, bias, tile);
  }
  static void Finish(int32_t vectors, const LaneScales& scales, int32_t lane, const int32_t* tile, int32_t pixels,
                     int32_t channels, int8_t* out, ptrdiff_t pitch) {
    StoreTileNeon(vectors, scales, static_cast<size_t>(lane), tile, pixels, channels, out, pitch);
  }
};

using Pairs = PackedConvolution<Neon<false>>;
using Apart = PackedConvolution<Neon<true>>;

// Which way the weights are packed for stands in the packed memory, behind the form of the scales.
enum class Way : int32_t { kPairs, kApart, kWinograd };

Way& WayIn(void* packed) { return static_cast<Way*>(packed)[1]; }
Way WayIn(const void* packed) { return static_cast<const Way*>(packed)[1]; }

bool FitsPairs(const Conv2DParams& p, const FilterView& filter) {
  for (int32_t o = 0; o < p.output_depth; ++o) {
    for (int32_t fy = 0; fy < p.height.filter; ++fy) {
      for (int32_t fx = 0; fx < p.width.filter; ++fx) {
        const int8_t* from = filter.data + o * filter.output + fy * filter.row + fx * filter.column;
        for (int32_t c = 0; c < p.input_depth; ++c) {
          if (from[c * filter.channel] == -128) return false;
        }
      }
    }
  }
  return true;
}

Way ChooseWay(const Conv2DParams& p, const FilterView& filter) {
  if (WinogradWinsNeon(p, filter)) return Way::kWinograd;
  return FitsPairs(p, filter) ? Way::kPairs : Way::kApart;
}

// kPairs and kApart need the same memory, packed in the same way. A pool whose windows do not divide Winograd's tiles
// is declined: by itself the convolution is faster then than pooled without Winograd.
size_t PackedBytes(const Conv2DParams& p, const FilterView& filter) {
  if (!WinogradWinsNeon(p, filter)) return Pairs::PackedBytes(p, filter);
  return WinogradPools(p) ? WinogradPackedBytesNeon(p) : 0;
}

void Pack(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  const Way way = ChooseWay(p, filter);
  if (way == Way::kWinograd) {
    WinogradPackNeon(p, filter, bias, packed);
  } else {
    Pairs::Pack(p, filter, bias, packed);
  }
  WayIn(packed) = way;
}

size_t ScratchBytes(const Conv2DParams& p, const void* packed) {
  return WayIn(packed) == Way::kWinograd ? WinogradScratchBytesNeon(p) : Pairs::ScratchBytes(p, packed);
}

void Run(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  switch (WayIn(packed)) {
    case Way::kWinograd:
      return WinogradRunNeon(p, packed, input, scratch, output);
    case Way::kApart:
      return Apart::Run(p, packed, input, scratch, output);
    default:
      return Pairs::Run(p, packed, input, scratch, output);
  }
}

}  // namespace

const PackedConv2DS8 kConv2DS8Neon = {PackedBytes, Pack, ScratchBytes, Run};

}  // namespace glimpse::kernels
