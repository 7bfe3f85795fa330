// SPDX-License-Identifier: Apache-2.0
// Sums that become bytes before they leave the registers, AVX2: the inner kernel (sum_avx2.h) and the way out
// (kernels/quant/store_avx2.h) in one function. A tile in memory between them costs some forty cycles for every six
// pixels, as much as ten steps of a sum: a third of the time where input has few channels. The next pixels do not
// depend on these, so the processor begins with them while these are scaled.
//
// Only for whole panels, the groups of pixels that rows are dealt out to, and the forms of scales that most layers
// have: each takes a function of its own. Everything else goes by a tile. Internal linkage, like
// kernels/quant/requantize_avx2.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/sum_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

// `groups` times so many neighbouring pixels, from `in` on, of the panel whose lanes begin at `lane`; from one pixel of
// the output to the next `pitch` bytes.
using DirectFunction256 = void (*)(const SumLoops& loops, const int16_t* in, const int16_t* weights,
                                   const LaneScales& scales, size_t lane, int32_t groups, int8_t* out, ptrdiff_t pitch);

template <ScaleForm kForm, int kVectors, int kPixels>
void SumToBytes(const SumLoops& loops, const int16_t* in, const int16_t* weights, const LaneScales& scales, size_t lane,
                int32_t groups, int8_t* out, ptrdiff_t pitch) {
  constexpr int kTogether = TileStore256<kForm, kVectors>::kTogether;
  const TileStore256<kForm, kVectors> store(scales, lane);
  const int32_t* const bias = scales.bias + lane;
  for (; groups != 0; --groups, in += kPixels * loops.pixel_pitch, out += kPixels * pitch) {
    __m256i acc[kPixels][kVectors];
    SumInRegisters<kVectors, kPixels, true>(loops, in, weights, bias, acc);
    int8_t* to = out;
#pragma GCC unroll 4
    for (int m = 0; m + kTogether <= kPixels; m += kTogether, to += kTogether * pitch) {
      store.Together(&acc[m][0], to, pitch);
    }
#pragma GCC unroll 4
    for (int m = kPixels / kTogether * kTogether; m < kPixels; ++m, to += pitch) {
      store.One(&acc[m][0], 8 * kVectors, to);
    }
  }
}

constexpr int32_t kFewestDirectPixels = 3;  // of two vectors; one more of one

template <ScaleForm kForm>
DirectFunction256 DirectOfForm256(int32_t vectors, int32_t pixels) {
  static constexpr DirectFunction256 kTwo[] = {SumToBytes<kForm, 2, 3>, SumToBytes<kForm, 2, 4>,
                                               SumToBytes<kForm, 2, 5>, SumToBytes<kForm, 2, 6>};
  static constexpr DirectFunction256 kOne[] = {SumToBytes<kForm, 1, 4>, SumToBytes<kForm, 1, 5>,
                                               SumToBytes<kForm, 1, 6>, SumToBytes<kForm, 1, 7>,
                                               SumToBytes<kForm, 1, 8>};
  return vectors == 2 ? kTwo[pixels - kFewestDirectPixels] : kOne[pixels - kFewestDirectPixels - 1];
}

// The function for groups of `pixels`; nullptr: by a tile.
inline DirectFunction256 ChooseDirect256(int32_t vectors, int32_t pixels, const LaneScales& scales, size_t lane,
                                         int32_t channels) {
  if (channels != 8 * vectors || pixels < kFewestDirectPixels + (vectors == 2 ? 0 : 1)) return nullptr;
  switch (LaneForm256(scales, lane, vectors)) {
    case ScaleForm::kFolded:
      return DirectOfForm256<ScaleForm::kFolded>(vectors, pixels);
    case ScaleForm::kSingle:
      return DirectOfForm256<ScaleForm::kSingle>(vectors, pixels);
    case ScaleForm::kSigned:
      return DirectOfForm256<ScaleForm::kSigned>(vectors, pixels);
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace glimpse::kernels
