// SPDX-License-Identifier: Apache-2.0
// Pooling on int8 with NEON of every arm64, 16 channels at a time.
#include <arm_neon.h>

#include "kernels/pool2d/pool2d_driver.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

// function(sixteen bytes) for each pixel of the window.
template <typename Function>
__attribute__((always_inline)) inline void ForEachPixel(const PoolWindow& window, int32_t channels,
                                                        const Function& function) {
  const int8_t* row = window.first;
  for (int32_t y = 0; y < window.rows; ++y, row += window.row) {
    const int8_t* at = row;
    for (int32_t x = 0; x < window.columns; ++x, at += window.pixel) function(LoadBytesNeon(at, channels));
  }
}

__attribute__((always_inline)) inline void StoreClamped(int8x16_t bytes, const Pool2DParams& p, int32_t channels,
                                                        int8_t* out) {
  const int8x16_t low = vmaxq_s8(bytes, vdupq_n_s8(static_cast<int8_t>(p.output_min)));
  StoreBytesNeon(vminq_s8(low, vdupq_n_s8(static_cast<int8_t>(p.output_max))), channels, out);
}

struct Max {
  static constexpr int32_t kStep = 16;

  static void Reduce(const PoolWindow& window, int32_t channels, const Pool2DParams& p, int8_t* out) {
    int8x16_t max = vdupq_n_s8(-128);
    ForEachPixel(window, channels, [&](int8x16_t bytes) { max = vmaxq_s8(max, bytes); });
    StoreClamped(max, p, channels, out);
  }
};

struct Average {
  static constexpr int32_t kStep = 16;

  static void Reduce(const PoolWindow& window, int32_t channels, const Pool2DParams& p, int8_t* out) {
    int32x4_t sum[4] = {};
    ForEachPixel(window, channels, [&](int8x16_t bytes) {
      const int16x8_t low = vmovl_s8(vget_low_s8(bytes));
      const int16x8_t high = vmovl_high_s8(bytes);
      sum[0] = vaddw_s16(sum[0], vget_low_s16(low));
      sum[1] = vaddw_high_s16(sum[1], low);
      sum[2] = vaddw_s16(sum[2], vget_low_s16(high));
      sum[3] = vaddw_high_s16(sum[3], high);
    });
    const int32_t count = window.rows * window.columns;
    const auto mean = [count](int32x4_t s) {
      const int32x4_t half = vdupq_n_s32(count / 2);
      const int32x4_t rounded = vbslq_s32(vcgtzq_s32(s), vaddq_s32(s, half), vsubq_s32(s, half));
      const float64x2_t divisor = vdupq_n_f64(count);
      return vcombine_s32(Divide(vmovl_s32(vget_low_s32(rounded)), divisor), Divide(vmovl_high_s32(rounded), divisor));
    };
    // A mean of bytes is one.
    StoreClamped(NarrowNeon(NarrowNeon(mean(sum[0]), mean(sum[1])), NarrowNeon(mean(sum[2]), mean(sum[3]))), p,
                 channels, out);
  }

  static int32x2_t Divide(int64x2_t sum, float64x2_t divisor) {
    return vmovn_s64(vcvtq_s64_f64(vdivq_f64(vcvtq_f64_s64(sum), divisor)));
  }
};

}  // namespace

const PoolS8 kPoolS8Neon = {PoolAll<Max>, PoolAll<Average>};

}  // namespace glimpse::kernels
