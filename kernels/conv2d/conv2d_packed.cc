// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d_packed.h"

#include <algorithm>

namespace glimpse::kernels {
namespace {

int32_t SumsAlong(const WindowAxis& axis, const WindowAxis* pool, int32_t outputs) {
  if (pool == nullptr) return outputs;
  return std::min((outputs - 1) * pool->stride + pool->filter, axis.output);
}

}  // namespace

OutputExtent OutputsOf(const Conv2DParams& p) {
  const int32_t rows = p.pool ? p.pool->height.output : p.height.output;
  const int32_t columns = p.pool ? p.pool->width.output : p.width.output;
  return {rows, columns, columns, static_cast<size_t>(rows) * static_cast<size_t>(columns)};
}

SumsExtent SumsOf(const Conv2DParams& p) {
  const OutputExtent outputs = OutputsOf(p);
  return {SumsAlong(p.height, p.pool ? &p.pool->height : nullptr, outputs.rows),
          SumsAlong(p.width, p.pool ? &p.pool->width : nullptr, outputs.columns)};
}

bool PoolsBeforeScaling(const Conv2DParams& p) {
  if (!p.pool) return true;
  if (!HasScaleForm(p.linear, p.output_depth)) return false;
  const ScaleForm form = ChooseScaleForm(p.linear, p.output_depth);
  if (form == ScaleForm::kClipped || form == ScaleForm::kRight) return true;  // |result| <= 2^30
  if (form == ScaleForm::kAnyShift) return false;
  for (int32_t o = 0; o < p.output_depth; ++o) {
    const OutputScale& scale = p.linear.scales[o];
    if (!(scale.real < 0.5 && scale.single < 0.5F)) return false;
  }
  return true;
}

}  // namespace glimpse::kernels
