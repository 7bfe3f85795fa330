// SPDX-License-Identifier: Apache-2.0
// TOPK_V2: the k largest of each row.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// For each of `rows` rows of `length` elements: values[0 .. k) the largest, the largest first, of equal ones the one
// that comes first in the row; indices[0 .. k) where they are, cut to the low bits of Index. `order` holds `length`
// elements of scratch. 0 <= k <= length.
//
// T is int8_t, uint8_t, int16_t, int32_t, int64_t or float (NaN: some order, but no element twice), Index int32_t or
// int16_t. Outputs overlap nothing. Cannot fail. Reentrant. Exactness: LiteRT 2.3; nothing is rounded.
// Source: TFLite, kernels/topk_v2.cc.
template <typename T, typename Index>
void TopKRef(int64_t rows, int32_t length, int32_t k, const T* input, int32_t* order, T* values, Index* indices);

}  // namespace glimpse::kernels
