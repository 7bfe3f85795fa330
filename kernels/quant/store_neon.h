// SPDX-License-Identifier: Apache-2.0
// Tiles of sums to int8 outputs, NEON: scaled (requantize_neon.h), narrowed with saturation, which no clamp to a part
// of int8 can tell from none, clamped, stored. Internal linkage throughout, like requantize_avx2.h.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/quant/requantize_neon.h"

namespace glimpse::kernels {
namespace {

// The first `count` <= 16 bytes, the others 0.
__attribute__((always_inline)) inline int8x16_t LoadBytesNeon(const int8_t* from, int32_t count) {
  if (count == 16) return vld1q_s8(from);
  if (count == 8) return vcombine_s8(vld1_s8(from), vdup_n_s8(0));
  alignas(16) int8_t bytes[16] = {};
  for (int32_t i = 0; i < count; ++i) bytes[i] = from[i];
  return vld1q_s8(bytes);
}

// The first `count` <= 16 bytes.
inline void StoreBytesNeon(int8x16_t bytes, int32_t count, int8_t* out) {
  if (count == 16) {
    vst1q_s8(out, bytes);
    return;
  }
  if ((count & 8) != 0) {
    vst1_s8(out, vget_low_s8(bytes));
    bytes = vextq_s8(bytes, bytes, 8);
    out += 8;
  }
  if ((count & 4) != 0) {
    const int32_t four = vgetq_lane_s32(vreinterpretq_s32_s8(bytes), 0);
    __builtin_memcpy(out, &four, sizeof(four));
    bytes = vextq_s8(bytes, bytes, 4);
    out += 4;
  }
  for (int32_t i = 0, rest = vgetq_lane_s32(vreinterpretq_s32_s8(bytes), 0); i < (count & 3); ++i, rest >>= 8) {
    out[i] = static_cast<int8_t>(rest);
  }
}

__attribute__((always_inline)) inline int16x8_t NarrowNeon(int32x4_t low, int32x4_t high) {
  return vqmovn_high_s32(vqmovn_s32(low), high);
}
__attribute__((always_inline)) inline int8x16_t NarrowNeon(int16x8_t low, int16x8_t high) {
  return vqmovn_high_s16(vqmovn_s16(low), high);
}

template <ScaleForm kForm, int kVectors>
__attribute__((noinline)) void StorePixelsNeon(const LaneScales& scales, size_t lane, const int32_t* tile,
                                               int32_t pixels, int32_t channels, int8_t* out, ptrdiff_t pitch) {
  const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(scales.min));
  const int8x16_t max = vdupq_n_s8(static_cast<int8_t>(scales.max));
  const ScalerNeon<kForm> first(scales, lane);
  const ScalerNeon<kForm> second(scales, lane + (kVectors > 1 ? 4 : 0));
  const ScalerNeon<kForm> third(scales, lane + (kVectors > 2 ? 8 : 0));
  const ScalerNeon<kForm> fourth(scales, lane + (kVectors > 2 ? 12 : 0));
  for (int32_t i = 0; i < pixels; ++i, tile += 4 * kVectors, out += pitch) {
    const int32x4_t sum = first(vld1q_s32(tile));
    int16x8_t low;
    int16x8_t high;
    if constexpr (kVectors == 1) {
      low = high = NarrowNeon(sum, sum);
    } else {
      low = high = NarrowNeon(sum, second(vld1q_s32(tile + 4)));
    }
    if constexpr (kVectors == 4) high = NarrowNeon(third(vld1q_s32(tile + 8)), fourth(vld1q_s32(tile + 12)));
    StoreBytesNeon(vminq_s8(vmaxq_s8(NarrowNeon(low, high), min), max), channels, out);
  }
}

// tile[pixels][vectors][4], vectors 1, 2 or 4, lanes from `lane` on, as `channels` bytes at out, out + pitch, ...
inline void StoreTileNeon(int32_t vectors, const LaneScales& scales, size_t lane, const int32_t* tile, int32_t pixels,
                          int32_t channels, int8_t* out, ptrdiff_t pitch) {
  WithScaleForm(scales.form, [&]<ScaleForm kForm>() {
    if (vectors == 4) return StorePixelsNeon<kForm, 4>(scales, lane, tile, pixels, channels, out, pitch);
    if (vectors == 2) return StorePixelsNeon<kForm, 2>(scales, lane, tile, pixels, channels, out, pitch);
    StorePixelsNeon<kForm, 1>(scales, lane, tile, pixels, channels, out, pitch);
  });
}

}  // namespace
}  // namespace glimpse::kernels
