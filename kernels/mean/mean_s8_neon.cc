// SPDX-License-Identifier: Apache-2.0
// MEAN on int8 with NEON of every arm64, 16 means at a time.
#include <arm_neon.h>

#include "kernels/mean/mean_s8.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

// TFLite's fixed point.
class Fixed {
 public:
  explicit Fixed(const MeanS8& mean) : scaler_(mean.scales, 0), offset_(vdupq_n_s32(mean.offset)) {}
  int32x4_t operator()(int32x4_t sum) const { return scaler_(vsubq_s32(sum, offset_)); }

 private:
  ScalerNeon<ScaleForm::kAnyShift> scaler_;
  int32x4_t offset_;
};

// XNNPACK's float.
class Float {
 public:
  explicit Float(const MeanS8& mean)
      : scale_(vdupq_n_f32(mean.scale)),
        bias_(vdupq_n_f32(mean.bias)),
        min_(vdupq_n_f32(static_cast<float>(mean.scales.min))),
        max_(vdupq_n_f32(static_cast<float>(mean.scales.max))) {}
  int32x4_t operator()(int32x4_t sum) const {
    const float32x4_t real = vaddq_f32(vmulq_f32(vcvtq_f32_s32(sum), scale_), bias_);
    return vcvtnq_s32_f32(vminq_f32(vmaxq_f32(real, min_), max_));
  }

 private:
  float32x4_t scale_;
  float32x4_t bias_;
  float32x4_t min_;
  float32x4_t max_;
};

template <typename Scale>
void Run(const MeanS8& mean, const int8_t* input, int8_t* output) {
  const Scale scale(mean);
  const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(mean.scales.min));
  const int8x16_t max = vdupq_n_s8(static_cast<int8_t>(mean.scales.max));
  for (size_t o = 0; o < mean.outer; ++o, input += mean.reduced * mean.inner, output += mean.inner) {
    for (size_t i = 0; i < mean.inner; i += 16) {
      const auto some = static_cast<int32_t>(mean.inner - i < 16 ? mean.inner - i : 16);
      int32x4_t sum[4] = {};
      const int8_t* at = input + i;
      for (size_t r = 0; r < mean.reduced; ++r, at += mean.inner) {
        const int8x16_t bytes = LoadBytesNeon(at, some);
        const int16x8_t low = vmovl_s8(vget_low_s8(bytes));
        const int16x8_t high = vmovl_high_s8(bytes);
        sum[0] = vaddw_s16(sum[0], vget_low_s16(low));
        sum[1] = vaddw_high_s16(sum[1], low);
        sum[2] = vaddw_s16(sum[2], vget_low_s16(high));
        sum[3] = vaddw_high_s16(sum[3], high);
      }
      const int8x16_t bytes =
          NarrowNeon(NarrowNeon(scale(sum[0]), scale(sum[1])), NarrowNeon(scale(sum[2]), scale(sum[3])));
      StoreBytesNeon(vminq_s8(vmaxq_s8(bytes, min), max), some, output + i);
    }
  }
}

}  // namespace

void RunMeanS8Neon(const MeanS8& mean, const int8_t* input, int8_t* output) {
  if (mean.xnnpack) return Run<Float>(mean, input, output);
  Run<Fixed>(mean, input, output);
}

}  // namespace glimpse::kernels
