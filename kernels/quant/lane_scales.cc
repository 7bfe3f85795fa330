// SPDX-License-Identifier: Apache-2.0
#include "kernels/quant/lane_scales.h"

#include <algorithm>

namespace glimpse::kernels {
namespace {

constexpr size_t kAlign = 64;

size_t ArrayBytes(int32_t lanes, size_t element) {
  return (static_cast<size_t>(lanes) * element + kAlign - 1) / kAlign * kAlign;
}

int32_t Eights(int32_t lanes) { return (lanes + 7) / 8; }

}  // namespace

bool HasScaleForm(const LinearParams& params, int32_t channels) {
  const Rounding first = params.scales[0].rounding;
  const bool one_rule = std::all_of(params.scales, params.scales + channels,
                                    [first](const OutputScale& scale) { return scale.rounding == first; });
  return one_rule && first != Rounding::kHalfUp;
}

ScaleForm ChooseScaleForm(const LinearParams& params, int32_t channels) {
  if (params.scales[0].rounding == Rounding::kRealHalfAway) return ScaleForm::kReal;
  if (params.scales[0].rounding == Rounding::kFloatHalfEven) return ScaleForm::kFloat;
  // A multiplier of 0 gives 0 whatever its shift, and counts as one that shifts to the right.
  const bool right = std::all_of(params.scales, params.scales + channels, [](const OutputScale& scale) {
    return scale.fixed.multiplier == 0 || scale.fixed.shift < 0;
  });
  if (!right) return ScaleForm::kAnyShift;
  if (params.output_zero_point > params.output_min) return ScaleForm::kRight;
  const bool folds = std::all_of(params.scales, params.scales + channels, [](const OutputScale& scale) {
    return scale.fixed.multiplier == 0 || scale.fixed.shift >= -23;
  });
  const bool whole = params.output_zero_point == -128 && params.output_min == -128 && params.output_max == 127;
  return folds && whole ? ScaleForm::kFolded : ScaleForm::kClipped;
}

size_t LaneScalesBytes(int32_t lanes) {
  return 8 * ArrayBytes(lanes, sizeof(int32_t)) + ArrayBytes(lanes, sizeof(int64_t)) +
         ArrayBytes(Eights(lanes), sizeof(int32_t));
}

LaneScales MapLaneScales(const LinearParams& params, ScaleForm form, int32_t lanes, void* memory) {
  auto* at = static_cast<uint8_t*>(memory);
  const auto next = [&at, lanes](size_t element) {
    uint8_t* const array = at;
    at += ArrayBytes(lanes, element);
    return array;
  };
  LaneScales s;
  s.form = form;
  s.zero_point = params.output_zero_point;
  s.min = params.output_min;
  s.max = params.output_max;
  s.bias = reinterpret_cast<int32_t*>(next(sizeof(int32_t)));
  s.multiplier = reinterpret_cast<int32_t*>(next(sizeof(int32_t)));
  s.right = reinterpret_cast<int32_t*>(next(sizeof(int32_t)));
  s.left = reinterpret_cast<int32_t*>(next(sizeof(int32_t)));
  s.rounds = reinterpret_cast<int32_t*>(next(sizeof(int32_t)));
  s.addend = reinterpret_cast<int64_t*>(next(sizeof(int64_t)));
  s.factor = reinterpret_cast<float*>(next(sizeof(float)));
  s.offset = reinterpret_cast<float*>(next(sizeof(float)));
  s.offset_below = reinterpret_cast<float*>(next(sizeof(float)));
  s.proven = reinterpret_cast<int32_t*>(at);
  // A form has either integers or floats.
  s.real = reinterpret_cast<double*>(s.addend);
  s.single = reinterpret_cast<float*>(s.multiplier);
  return s;
}

void SetLane(const LaneScales& s, int32_t lane, int32_t vector_lanes, const OutputScale* scale, int32_t bias) {
  s.bias[lane] = bias;
  if (lane % 8 == 0) s.proven[lane / 8] = 0;
  if (s.form == ScaleForm::kReal) {
    s.real[lane] = scale == nullptr ? 0 : scale->real;
    return;
  }
  if (s.form == ScaleForm::kFloat) {
    s.single[lane] = scale == nullptr ? 0 : scale->single;
    return;
  }
  const FixedPointMultiplier fixed = scale == nullptr ? FixedPointMultiplier{} : scale->fixed;
  const int r = fixed.multiplier == 0 ? 1 : std::max(-fixed.shift, 0);
  s.multiplier[lane] = fixed.multiplier;
  s.right[lane] = std::max(r - 1, 0);
  s.left[lane] = fixed.multiplier == 0 ? 0 : std::max(fixed.shift, 0);
  s.rounds[lane] = r >= 1 ? -1 : 0;
  const int32_t in_vector = lane % vector_lanes;
  const int32_t half = in_vector % 2 == 0 ? in_vector / 2 : vector_lanes / 2 + in_vector / 2;
  const int64_t folded = s.form == ScaleForm::kFolded ? s.zero_point * (int64_t{1} << (31 + r)) : 0;
  s.addend[lane - in_vector + half] = (int64_t{1} << 30) + (int64_t{1} << (30 + r)) + folded;
}

}  // namespace glimpse::kernels
