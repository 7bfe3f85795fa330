// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/mul_s8.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kLanes = 8;

}  // namespace

size_t MulS8Bytes() { return LaneScalesBytes(kLanes); }

bool PrepareMulS8(const QuantizedParams& p, void* memory, MulS8* mul) {
  if (p.function != Arithmetic::kMul) return false;
  OutputScale scale;
  scale.fixed = p.output;
  scale.single = p.scale;
  if (p.scheme == QuantizedScheme::kFloat) {
    scale.rounding = Rounding::kFloatHalfEven;
  } else if (p.scheme != QuantizedScheme::kFixed) {
    return false;
  }
  LinearParams params;
  params.output_zero_point = p.output_zero_point;
  params.output_min = p.output_min;
  params.output_max = p.output_max;
  params.scales = &scale;
  mul->zero_point1 = p.zero_point1;
  mul->zero_point2 = p.zero_point2;
  mul->scales = MapLaneScales(params, ChooseScaleForm(params, 1), kLanes, memory);
  for (int32_t lane = 0; lane < kLanes; ++lane) SetLane(mul->scales, lane, kLanes, &scale, 0);
  return true;
}

}  // namespace glimpse::kernels
