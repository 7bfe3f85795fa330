// SPDX-License-Identifier: Apache-2.0
// Four accumulators at a time to scaled integers plus zero point, NEON of arm64: the forms that lane_scales.h defines
// and proves, by the instructions that were made for them.
//
// Fixed point. sqrdmulh is y = floor((acc * M + 2^30) / 2^31) to the letter; it saturates for M = -2^31 alone, which is
// no multiplier. srshl by -r is floor((y + 2^(r-1)) / 2^r), computed without overflow: ties upwards, so z is srshl of
// y - [y < 0], where y - 1 does not overflow since |y| <= 2^31 - 2. kClipped saves that step: for y < 0 the result is
// at most 0 either way.
//
// kReal. fcvtas rounds a double to the nearest 64-bit integer, ties away from zero, and saturates; what does not fit 32
// bits becomes -2^31 afterwards. kFloat. fcvtns rounds to nearest, ties to even, and saturates. No float is 2^31 - 1,
// so that this integer means saturation, and one more is -2^31; from below saturation gives -2^31 itself.
//
// Everything here has internal linkage, like requantize_avx2.h.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {
namespace {

// The constants of lanes [first, first + 4).
template <ScaleForm kForm>
class ScalerNeon {
 public:
  __attribute__((always_inline)) ScalerNeon(const LaneScales& s, size_t first)
      : zero_point_(vdupq_n_s32(s.zero_point)) {
    if constexpr (kForm == ScaleForm::kReal) {
      real_[0] = vld1q_f64(s.real + first);
      real_[1] = vld1q_f64(s.real + first + 2);
    } else if constexpr (kForm == ScaleForm::kFloat) {
      single_ = vld1q_f32(s.single + first);
    } else {
      multiplier_ = vld1q_s32(s.multiplier + first);
      shift_ = vmvnq_s32(vld1q_s32(s.right + first));  // -r = -(r - 1) - 1
      if constexpr (kForm == ScaleForm::kAnyShift) {
        left_ = vld1q_s32(s.left + first);
        rounds_ = vld1q_s32(s.rounds + first);
        shift_ = vandq_s32(shift_, rounds_);
      }
    }
  }

  __attribute__((always_inline)) int32x4_t operator()(int32x4_t acc) const {
    int32x4_t scaled;
    if constexpr (kForm == ScaleForm::kReal) {
      scaled =
          vcombine_s32(RoundAway(vmovl_s32(vget_low_s32(acc)), real_[0]), RoundAway(vmovl_high_s32(acc), real_[1]));
    } else if constexpr (kForm == ScaleForm::kFloat) {
      const int32x4_t rounded = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(acc), single_));
      const uint32x4_t saturated = vceqq_s32(rounded, vdupq_n_s32(std::numeric_limits<int32_t>::max()));
      scaled = vsubq_s32(rounded, vreinterpretq_s32_u32(saturated));
    } else if constexpr (kForm == ScaleForm::kClipped || kForm == ScaleForm::kFolded) {
      scaled = vrshlq_s32(vqrdmulhq_s32(acc, multiplier_), shift_);
    } else if constexpr (kForm == ScaleForm::kRight) {
      const int32x4_t y = vqrdmulhq_s32(acc, multiplier_);
      scaled = vrshlq_s32(vsraq_n_s32(y, y, 31), shift_);
    } else {
      const int32x4_t y = vqrdmulhq_s32(vshlq_s32(acc, left_), multiplier_);
      scaled = vrshlq_s32(vaddq_s32(y, vandq_s32(vshrq_n_s32(y, 31), rounds_)), shift_);
    }
    return vaddq_s32(scaled, zero_point_);
  }

 private:
  __attribute__((always_inline)) static int32x2_t RoundAway(int64x2_t acc, float64x2_t scale) {
    const int64x2_t rounded = vcvtaq_s64_f64(vmulq_f64(vcvtq_f64_s64(acc), scale));
    const int32x2_t low = vmovn_s64(rounded);
    const uint32x2_t fits = vmovn_u64(vceqq_s64(vmovl_s32(low), rounded));
    return vbsl_s32(fits, low, vdup_n_s32(std::numeric_limits<int32_t>::min()));
  }

  int32x4_t zero_point_;
  int32x4_t multiplier_;
  int32x4_t shift_;  // to the left: -r
  int32x4_t left_;
  int32x4_t rounds_;
  float64x2_t real_[2];
  float32x4_t single_;
};

}  // namespace
}  // namespace glimpse::kernels
