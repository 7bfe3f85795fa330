// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean/mean_s8.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kLanes = 8;

// The input as [outer, reduced, inner], dimensions of 1 belonging anywhere. Whether that is so.
bool FindBlock(const ReduceShape& shape, MeanS8* mean) {
  enum { kOuter, kReduced, kInner } at = kOuter;
  for (int d = 0; d < shape.rank; ++d) {
    const auto k = static_cast<size_t>(d);
    const auto size = static_cast<size_t>(shape.dims[k]);
    if (size == 1) continue;
    if (shape.reduced[k]) {
      if (at == kInner) return false;
      at = kReduced;
      mean->reduced *= size;
    } else {
      if (at == kReduced) at = kInner;
      (at == kInner ? mean->inner : mean->outer) *= size;
    }
  }
  return at == kInner;
}

}  // namespace

size_t MeanS8Bytes() { return LaneScalesBytes(kLanes); }

bool PrepareMeanS8(const ReduceShape& shape, const QuantizedReduceParams& p, bool xnnpack, void* memory, MeanS8* mean) {
  *mean = {};
  if (shape.input_count() == 0 || !FindBlock(shape, mean)) return false;
  OutputScale scale;
  scale.fixed = p.multiplier;
  LinearParams params;
  params.output_zero_point = p.output_zero_point;
  params.output_min = p.output_min;
  params.output_max = p.output_max;
  params.scales = &scale;
  mean->xnnpack = xnnpack;
  mean->scale = p.scale;
  mean->bias =
      static_cast<float>(p.output_zero_point) - static_cast<float>(p.input_zero_point * shape.reduced_count) * p.scale;
  mean->offset = static_cast<int32_t>(static_cast<uint32_t>(p.input_zero_point) * static_cast<uint32_t>(mean->reduced));
  mean->scales = MapLaneScales(params, ScaleForm::kAnyShift, kLanes, memory);
  for (int32_t lane = 0; lane < kLanes; ++lane) SetLane(mean->scales, lane, kLanes, &scale, 0);
  return true;
}

}  // namespace glimpse::kernels
