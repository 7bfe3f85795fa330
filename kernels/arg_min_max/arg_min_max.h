// SPDX-License-Identifier: Apache-2.0
// ARG_MAX and ARG_MIN along one dimension.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

struct ArgMinMaxParams {
  int64_t outer = 1;   // product of the dimensions before the axis
  int32_t length = 1;  // of the axis, >= 1
  int64_t inner = 1;   // product of the dimensions behind it
  bool is_max = true;
  // A NaN never wins against a number. Without it a NaN at position 0 stays, since nothing compares with it.
  bool skip_nan = true;
};

// out[o,i] = the position a of the largest (smallest) in[o,a,i]; of equal ones the first.
// T is int8_t, uint8_t, int32_t, float or Boolean, Index int32_t or int64_t. Output overlaps no input. Cannot fail.
// Reentrant. Exactness: LiteRT 2.3 with skip_nan (but for NaN where inner is 1: its vector code answers otherwise),
// TFLite Micro without. Source: TFLite, kernels/internal/reference/arg_min_max.h.
template <typename T, typename Index>
void ArgMinMaxRef(const ArgMinMaxParams& params, const T* input, Index* output);

}  // namespace glimpse::kernels
