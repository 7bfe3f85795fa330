// SPDX-License-Identifier: Apache-2.0
// SOFTMAX on int8 by a table: the values of SoftmaxRef (softmax.h). An exponential depends on the difference of two
// bytes alone, so that there are 256 of them; they are computed once, at prepare, by the same functions.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/softmax/softmax.h"

namespace glimpse::kernels {

struct SoftmaxS8 {
  int64_t rows = 1;
  int32_t depth = 1;
  // Of a difference of -d to the row's maximum: the exponential in Q0.31, -1 where it counts as 0; in Q12.19 for the
  // sum.
  std::array<int32_t, 256> exponentials{};
  std::array<int32_t, 256> summands{};
};

SoftmaxS8 PrepareSoftmaxS8(const SoftmaxParams& params);

// Reentrant. The output may be the input's memory.
void RunSoftmaxS8(const SoftmaxS8& softmax, const int8_t* input, int8_t* output);

}  // namespace glimpse::kernels
