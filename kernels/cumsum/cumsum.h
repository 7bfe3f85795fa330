// SPDX-License-Identifier: Apache-2.0
// CUMSUM along one dimension.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

struct CumsumParams {
  int64_t outer = 1;       // product of the dimensions before the axis
  int64_t length = 1;      // of the axis
  int64_t inner = 1;       // product of the dimensions behind it
  bool exclusive = false;  // out[0] = 0: an element's own value is not in its sum
  bool reverse = false;    // from the end of the axis to its begin
};

// out[o,a,i] = sum of in[o,b,i] over b <= a (b < a when exclusive; b >= a, b > a when reverse), added one after the
// other in that order; integers modulo 2 to the power of their width. T is int32_t, int64_t or float. Output may be the
// input only when it is not exclusive. Cannot fail. Reentrant. Exactness: LiteRT 2.3; integers everywhere. Source:
// TFLite, kernels/internal/optimized/optimized_ops.h (CumSum).
template <typename T>
void CumsumRef(const CumsumParams& params, const T* input, T* output);

}  // namespace glimpse::kernels
