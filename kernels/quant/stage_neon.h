// SPDX-License-Identifier: Apache-2.0
// int8 to int8: what the kernels of NEON stage is the input as it is. Internal linkage, like requantize_avx2.h.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {
namespace {

// to[i] = from[i], i < count. Reads and writes nothing else.
inline void StageNeon(const int8_t* from, size_t count, int8_t* to) { __builtin_memcpy(to, from, count); }

// to[i] = from[i] - zero_point, i < count. Reads and writes nothing else.
inline void StageCentredNeon(const int8_t* from, size_t count, int32_t zero_point, int16_t* to) {
  const int8x8_t zero = vdup_n_s8(static_cast<int8_t>(zero_point));
  const auto eight = [&](size_t i) { vst1q_s16(to + i, vsubl_s8(vld1_s8(from + i), zero)); };
  if (count >= 8) {
    for (size_t i = 0; i + 8 <= count; i += 8) eight(i);
    if (count % 8 != 0) eight(count - 8);  // some of them once more
    return;
  }
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero_point);
}

}  // namespace
}  // namespace glimpse::kernels
