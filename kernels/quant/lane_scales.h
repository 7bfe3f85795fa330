// SPDX-License-Identifier: Apache-2.0
// The scales of a layer's output channels, laid out for vectors: which of six exact forms a layer takes, and the
// constants of each lane. Filled once, at prepare, by plain code; read by the vector code of each instruction set.
//
// Notation: acc a sum, M the 31-bit multiplier of its channel, r = -shift, p = acc * M (64 bits, |p| < 2^62).
// MultiplyDoubleRounding is two roundings in a row:
//     y = round(p / 2^31), which for M >= 0 is floor((p + 2^30) / 2^31): gemmlowp's nudge 1 - 2^30 with truncation
//         for p < 0 gives the same number, since both move a tie upwards and everything else to the nearest.
//     z = round(y / 2^r), ties away from zero: floor((y + 2^(r-1) - [y < 0]) / 2^r) for r >= 1.
//
// kClipped, when no result below 1 survives the clamp (zero_point <= min) and every r >= 1. Floors nest, so for
// acc >= 0
//     z = floor((p + 2^30 + 2^(30+r)) / 2^(31+r)).
// For acc < 0 the same expression is below (2^30 + 2^(30+r)) / 2^(31+r) <= 1, so at most 0, as is the true z: both end
// at the clamp's minimum. The sum fits: |p| < 2^62 and 2^30 + 2^(30+r) <= 2^30 + 2^61. With h the upper 32 bits of it,
// z = h >> (r - 1).
//
// kFolded, when besides the clamp is all of int8 (so that zero_point is -128, and saturation is the clamp) and every
// r <= 23: since floor(x) + n = floor(x + n), the zero point goes into the same sum,
//     z + zero_point = floor((p + 2^30 + 2^(30+r) + zero_point * 2^(31+r)) / 2^(31+r)),
// which fits, since |zero_point * 2^(31+r)| <= 2^61.
//
// kRight, every r >= 1, any sign. [y < 0] may be read off acc: they differ where y = 0 and acc < 0, and there both
// floor((2^(r-1) - 1) / 2^r) and floor(2^(r-1) / 2^r) are 0. So z = floor((p + 2^30 + 2^(30+r) - [acc < 0] * 2^31) /
// 2^(31+r)); or from y: with w = y - [acc < 0], z = ((w >> (r-1)) + 1) >> 1, where nothing overflows since |y| <= 2^31
// - 2.
//
// kAnyShift: the same with a shift to the left before (modulo 2^32) or r = 0, lane by lane.
// kReal: RoundRealHalfAway. kFloat: RoundFloatHalfEven. kHalfUp has no form: nothing that is vectorised needs it.
//
// The zero point is added modulo 2^32 in all other forms, as the scalar code does. kernels/quant/requantize.h has the
// rules themselves and their sources.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/quant/linear_output.h"

namespace glimpse::kernels {

// kSingle and kSigned are never that of a whole layer: single_avx2.h finds them for some lanes of layers with another
// form.
enum class ScaleForm : int32_t { kFolded, kClipped, kRight, kAnyShift, kReal, kFloat, kSingle, kSigned };

// function.operator()<form>(): the form as a template argument, chosen once outside of all loops.
template <typename Function>
void WithScaleForm(ScaleForm form, const Function& function) {
  switch (form) {
    case ScaleForm::kFolded:
      return function.template operator()<ScaleForm::kFolded>();
    case ScaleForm::kClipped:
      return function.template operator()<ScaleForm::kClipped>();
    case ScaleForm::kRight:
      return function.template operator()<ScaleForm::kRight>();
    case ScaleForm::kAnyShift:
      return function.template operator()<ScaleForm::kAnyShift>();
    case ScaleForm::kReal:
      return function.template operator()<ScaleForm::kReal>();
    case ScaleForm::kFloat:
      return function.template operator()<ScaleForm::kFloat>();
    case ScaleForm::kSingle:
    case ScaleForm::kSigned:
      return;
  }
}

// Constants of all lanes; arrays of `lanes` elements, aligned to 64 bytes.
struct LaneScales {
  ScaleForm form = ScaleForm::kAnyShift;
  int32_t zero_point = 0;
  int32_t min = -128;
  int32_t max = 127;
  int32_t* bias = nullptr;        // what a sum starts from
  int32_t* multiplier = nullptr;  // M, fixed-point forms
  int32_t* right = nullptr;       // kFolded, kClipped, kRight: r - 1; kAnyShift: max(r - 1, 0)
  int32_t* left = nullptr;        // kAnyShift: max(shift, 0)
  int32_t* rounds = nullptr;      // kAnyShift: -1 where r >= 1, else 0
  // kClipped, kRight: 2^30 + 2^(30+r); kFolded: and zero_point * 2^(31+r). Of a vector of 2n lanes first the n even,
  // then the n odd ones.
  int64_t* addend = nullptr;
  double* real = nullptr;   // kReal
  float* single = nullptr;  // kFloat
  // kSingle and kSigned, and whether all lanes of each eight have it: not unless an instruction set says so.
  float* factor = nullptr;
  float* offset = nullptr;
  float* offset_below = nullptr;  // kSigned, for sums below 0
  int32_t* proven = nullptr;
};

// Whether the rounding rules of `channels` scales have a form here, all the same one. Reentrant, as all here.
bool HasScaleForm(const LinearParams& params, int32_t channels);

// The form. REQUIRES: HasScaleForm().
ScaleForm ChooseScaleForm(const LinearParams& params, int32_t channels);

// Bytes that MapLaneScales needs: a multiple of 64.
size_t LaneScalesBytes(int32_t lanes);

// Points the arrays into `memory` (aligned to 64) and copies what all lanes share.
LaneScales MapLaneScales(const LinearParams& params, ScaleForm form, int32_t lanes, void* memory);

// Sets the constants of one lane, in the order of lanes. `vector_lanes` is that of the instruction set (4, 8, 16);
// `scale` nullptr: a lane without a channel, which must not fault and whose value nobody reads.
void SetLane(const LaneScales& scales, int32_t lane, int32_t vector_lanes, const OutputScale* scale, int32_t bias);

}  // namespace glimpse::kernels
