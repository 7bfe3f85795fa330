// SPDX-License-Identifier: Apache-2.0
// EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL, with broadcasting.
#pragma once

#include <cstdint>

#include "kernels/elementwise/broadcast.h"
#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

enum class Comparison { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

struct CompareParams {
  Comparison function = Comparison::kEqual;
  Broadcast<2> shape;
  bool scaled = false;  // compare M((in - zp) * 2^8, m) instead of the stored values; M is MultiplyDoubleRounding
  int32_t zero_point1 = 0;
  int32_t zero_point2 = 0;
  FixedPointMultiplier input1;  // of the scale itself, below 1
  FixedPointMultiplier input2;
};

// out = 1 where the comparison holds, 0 elsewhere; with NaN only NOT_EQUAL holds. Shapes: as params.shape says; dense.
// Preconditions: scaled only for int8_t, uint8_t and int16_t, with zero points within T and scales below 1. Cannot
// fail. Reentrant. Two values that differ by less than the 8 bits keep can compare as equal: so do the runtimes. T is
// float, int8_t, uint8_t (bool too), int16_t, int32_t or int64_t. Exactness: LiteRT 2.3 with and without delegate,
// TFLite Micro. Source: TFLite, kernels/comparisons.cc, kernels/internal/reference/comparisons.h.
template <typename T>
void CompareRef(const CompareParams& params, const T* input1, const T* input2, uint8_t* output);

}  // namespace glimpse::kernels
