// SPDX-License-Identifier: Apache-2.0
// WHERE: the places of what is not zero.
#pragma once

#include <array>
#include <cstdint>

namespace glimpse::kernels {

struct WhereParams {
  static constexpr int kMaxRank = 8;
  int32_t rank = 1;                      // 1 to kMaxRank
  std::array<int32_t, kMaxRank> dims{};  // of the condition, each >= 0; their product fits int64_t
};

// How many of `count` elements are not zero. A NaN is not; -0 is. T is uint8_t (bool, uint8), int8_t, int32_t, int64_t
// or float. Reentrant, like WhereRef.
template <typename T>
int64_t CountNonZero(const T* condition, int64_t count);

// output[i, d] = index along dimension d of the i-th element of `condition` that is not zero, in row-major order.
// Shapes: condition [dims], output [CountNonZero(condition), rank]. Cannot fail. Source: TFLite, kernels/where.cc and
// kernels/internal/reference/reference_ops.h (SelectTrueCoords).
template <typename T>
void WhereRef(const WhereParams& params, const T* condition, int64_t* output);

}  // namespace glimpse::kernels
