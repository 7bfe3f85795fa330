// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

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
