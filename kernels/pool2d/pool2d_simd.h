// SPDX-License-Identifier: Apache-2.0
// MAX_POOL_2D and AVERAGE_POOL_2D on int8 for one instruction set: the values of MaxPool2DRef and AveragePool2DRef,
// under their conditions (pool2d.h). Nothing outside of the shapes is read or written. Reentrant.
//
// The mean. sum +- half, half = count / 2, is divided by count with truncation towards zero. In double the quotient is
// correctly rounded, and truncating it is exact: where n / d is no integer it lies at least 1/d below the next one, and
// |n / d| * 2^-53 is less than that for |n| < 2^31 and d < 2^21.
#pragma once

#include <cstdint>

#include "kernels/pool2d/pool2d.h"

namespace glimpse::kernels {

struct PoolS8 {
  void (*max)(const Pool2DParams& params, const int8_t* input, int8_t* output);
  // REQUIRES: windows of at most kMostPooled elements.
  void (*average)(const Pool2DParams& params, const int8_t* input, int8_t* output);
};
// Sums of so many int8, plus half of it, stay within 2^29.
inline constexpr int64_t kMostPooled = int64_t{1} << 20;

extern const PoolS8 kPoolS8Avx2;
// AVX-512 F, BW, VL.
extern const PoolS8 kPoolS8Avx512Vnni;
// NEON of every arm64.
extern const PoolS8 kPoolS8Neon;

}  // namespace glimpse::kernels
