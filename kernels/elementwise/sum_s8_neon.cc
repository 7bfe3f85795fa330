// SPDX-License-Identifier: Apache-2.0
// ADD and SUB on int8 with NEON of every arm64, 16 elements at a time.
#include <arm_neon.h>

#include "kernels/elementwise/sum_s8.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

// The linear function, in the two halves that sum_s8.h proves exact.
class Linear {
 public:
  explicit Linear(const SumS8& sum)
      : high1_(First(sum.high_factors)),
        high2_(Second(sum.high_factors)),
        low1_(First(sum.low_factors)),
        low2_(Second(sum.low_factors)),
        addend_(vdupq_n_s32(sum.addend)),
        zero_point_(vdupq_n_s32(sum.output_zero_point)),
        up_(vdupq_n_s32(15 - sum.low_shift)),
        low_shift_(vdupq_n_s32(-sum.low_shift)),
        high_shift_(vdupq_n_s32(-sum.high_shift)) {}

  int16x8_t operator()(int8x8_t a, int8x8_t b) const {
    const int16x8_t x = vmovl_s8(a);
    const int16x8_t y = vmovl_s8(b);
    return NarrowNeon(Four(vget_low_s16(x), vget_low_s16(y)), Four(vget_high_s16(x), vget_high_s16(y)));
  }

 private:
  static int16_t First(int32_t factors) { return static_cast<int16_t>(factors); }
  static int16_t Second(int32_t factors) { return static_cast<int16_t>(factors >> 16); }

  int32x4_t Four(int16x4_t x, int16x4_t y) const {
    const int32x4_t high = vshlq_s32(vmlal_n_s16(vmull_n_s16(x, high1_), y, high2_), up_);
    const int32x4_t low = vshlq_s32(vmlal_n_s16(vmull_n_s16(x, low1_), y, low2_), low_shift_);
    const int32x4_t acc = vaddq_s32(vaddq_s32(high, addend_), low);
    return vaddq_s32(vshlq_s32(acc, high_shift_), zero_point_);
  }

  int16_t high1_;
  int16_t high2_;
  int16_t low1_;
  int16_t low2_;
  int32x4_t addend_;
  int32x4_t zero_point_;
  int32x4_t up_;
  int32x4_t low_shift_;   // to the left, as all of this instruction: negative
  int32x4_t high_shift_;  // likewise
};

// TFLite's three steps.
class Fixed {
 public:
  explicit Fixed(const SumS8& sum)
      : input1_(sum.input1, 0),
        input2_(sum.input2, 0),
        output_(sum.output, 0),
        zero_point1_(vdup_n_s8(static_cast<int8_t>(sum.zero_point1))),
        zero_point2_(vdup_n_s8(static_cast<int8_t>(sum.zero_point2))),
        negative_(sum.negative) {}

  int16x8_t operator()(int8x8_t a, int8x8_t b) const {
    const int16x8_t x = vsubl_s8(a, zero_point1_);
    const int16x8_t y = vsubl_s8(b, zero_point2_);
    return NarrowNeon(Four(vget_low_s16(x), vget_low_s16(y)), Four(vget_high_s16(x), vget_high_s16(y)));
  }

 private:
  int32x4_t Four(int16x4_t x, int16x4_t y) const {
    const int32x4_t term1 = input1_(vshlq_n_s32(vmovl_s16(x), 20));
    const int32x4_t term2 = input2_(vshlq_n_s32(vmovl_s16(y), 20));
    return output_(negative_ ? vsubq_s32(term1, term2) : vaddq_s32(term1, term2));
  }

  ScalerNeon<ScaleForm::kAnyShift> input1_;
  ScalerNeon<ScaleForm::kAnyShift> input2_;
  ScalerNeon<ScaleForm::kAnyShift> output_;
  int8x8_t zero_point1_;
  int8x8_t zero_point2_;
  bool negative_;
};

template <typename Function>
void RunAll(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  const Function function(sum);
  const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(sum.output_min));
  const int8x16_t max = vdupq_n_s8(static_cast<int8_t>(sum.output_max));
  const auto sixteen = [&](int8x16_t a, int8x16_t b) {
    const int8x16_t bytes =
        NarrowNeon(function(vget_low_s8(a), vget_low_s8(b)), function(vget_high_s8(a), vget_high_s8(b)));
    return vminq_s8(vmaxq_s8(bytes, min), max);
  };
  size_t i = 0;
  for (; i + 16 <= count; i += 16) vst1q_s8(output + i, sixteen(vld1q_s8(input1 + i), vld1q_s8(input2 + i)));
  if (i == count) return;
  const auto rest = static_cast<int32_t>(count - i);
  StoreBytesNeon(sixteen(LoadBytesNeon(input1 + i, rest), LoadBytesNeon(input2 + i, rest)), rest, output + i);
}

void Run(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  if (sum.linear) return RunAll<Linear>(sum, count, input1, input2, output);
  RunAll<Fixed>(sum, count, input1, input2, output);
}

}  // namespace

const SumS8Kernel kSumS8Neon = {4, Run};

}  // namespace glimpse::kernels
