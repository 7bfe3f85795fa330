// SPDX-License-Identifier: Apache-2.0
// QUANTIZE from float to int8 with NEON of every arm64, 8 elements at a time.
//
// fcvtas and fcvtns round as the two rules say, but saturate where ToInt32 gives -2^31, and give 0 for NaN. No float is
// 2^31 - 1, so that this integer means saturation.
#include <arm_neon.h>

#include <limits>

#include "kernels/quant/store_neon.h"
#include "kernels/quantize/quantize_s8.h"

namespace glimpse::kernels {
namespace {

class DivideHalfAway {
 public:
  DivideHalfAway(float scale, int32_t) : scale_(vdupq_n_f32(scale)) {}
  int32x4_t operator()(float32x4_t x) const {
    const float32x4_t quotient = vdivq_f32(x, scale_);
    const int32x4_t steps = vcvtaq_s32_f32(quotient);
    const uint32x4_t fits =
        vbicq_u32(vceqq_f32(quotient, quotient), vceqq_s32(steps, vdupq_n_s32(std::numeric_limits<int32_t>::max())));
    return vbslq_s32(fits, steps, vdupq_n_s32(std::numeric_limits<int32_t>::min()));
  }

 private:
  float32x4_t scale_;
};

// fmaxnm takes the other one for NaN: low.
class MultiplyHalfEven {
 public:
  MultiplyHalfEven(float scale, int32_t zero_point)
      : inverse_(vdupq_n_f32(1.0F / scale)),
        low_(vdupq_n_f32(static_cast<float>(-128 - zero_point))),
        high_(vdupq_n_f32(static_cast<float>(127 - zero_point))) {}
  int32x4_t operator()(float32x4_t x) const {
    return vcvtnq_s32_f32(vminq_f32(vmaxnmq_f32(vmulq_f32(x, inverse_), low_), high_));
  }

 private:
  float32x4_t inverse_;
  float32x4_t low_;
  float32x4_t high_;
};

template <typename Convert>
void Run(float scale, int32_t zero_point, size_t count, const float* input, int8_t* output) {
  const Convert convert(scale, zero_point);
  const int32x4_t zero = vdupq_n_s32(zero_point);
  const auto eight = [&](const float* from) {
    const int16x8_t words =
        NarrowNeon(vaddq_s32(convert(vld1q_f32(from)), zero), vaddq_s32(convert(vld1q_f32(from + 4)), zero));
    return NarrowNeon(words, words);
  };
  size_t i = 0;
  for (; i + 8 <= count; i += 8) StoreBytesNeon(eight(input + i), 8, output + i);
  if (i == count) return;
  float rest[8] = {};
  for (size_t k = 0; i + k < count; ++k) rest[k] = input[i + k];
  StoreBytesNeon(eight(rest), static_cast<int32_t>(count - i), output + i);
}

}  // namespace

void QuantizeToInt8Neon(FloatRounding rounding, float scale, int32_t zero_point, size_t count, const float* input,
                        int8_t* output) {
  if (rounding == FloatRounding::kMultiplyHalfEven) {
    return Run<MultiplyHalfEven>(scale, zero_point, count, input, output);
  }
  Run<DivideHalfAway>(scale, zero_point, count, input, output);
}

}  // namespace glimpse::kernels
