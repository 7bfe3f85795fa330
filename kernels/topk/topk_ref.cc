// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "kernels/topk/topk.h"

namespace glimpse::kernels {

template <typename T, typename Index>
void TopKRef(int64_t rows, int32_t length, int32_t k, const T* input, int32_t* order, T* values, Index* indices) {
  for (int64_t row = 0; row < rows; ++row, input += length) {
    std::iota(order, order + length, 0);
    // std::partial_sort selects with a heap: it stays within its range even for NaN, which has no order.
    std::partial_sort(order, order + k, order + length, [input](int32_t a, int32_t b) {
      if (input[b] < input[a]) return true;
      if (input[b] > input[a]) return false;
      return a < b;
    });
    for (int32_t i = 0; i < k; ++i) {
      *indices++ = static_cast<Index>(order[i]);
      *values++ = input[order[i]];
    }
  }
}

template void TopKRef(int64_t, int32_t, int32_t, const int8_t*, int32_t*, int8_t*, int32_t*);
template void TopKRef(int64_t, int32_t, int32_t, const uint8_t*, int32_t*, uint8_t*, int32_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int16_t*, int32_t*, int16_t*, int32_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int32_t*, int32_t*, int32_t*, int32_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int64_t*, int32_t*, int64_t*, int32_t*);
template void TopKRef(int64_t, int32_t, int32_t, const float*, int32_t*, float*, int32_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int8_t*, int32_t*, int8_t*, int16_t*);
template void TopKRef(int64_t, int32_t, int32_t, const uint8_t*, int32_t*, uint8_t*, int16_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int16_t*, int32_t*, int16_t*, int16_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int32_t*, int32_t*, int32_t*, int16_t*);
template void TopKRef(int64_t, int32_t, int32_t, const int64_t*, int32_t*, int64_t*, int16_t*);
template void TopKRef(int64_t, int32_t, int32_t, const float*, int32_t*, float*, int16_t*);

}  // namespace glimpse::kernels
