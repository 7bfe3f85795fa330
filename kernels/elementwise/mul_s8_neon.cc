// SPDX-License-Identifier: Apache-2.0
// MUL on int8 with NEON of every arm64, 16 elements at a time.
#include <arm_neon.h>

#include "kernels/elementwise/mul_s8.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

template <ScaleForm kForm>
class Products {
 public:
  explicit Products(const MulS8& mul)
      : scaler_(mul.scales, 0),
        zero1_(vdup_n_s8(static_cast<int8_t>(mul.zero_point1))),
        zero2_(vdup_n_s8(static_cast<int8_t>(mul.zero_point2))) {}

  int16x8_t operator()(int8x8_t a, int8x8_t b) const {
    const int16x8_t x = vsubl_s8(a, zero1_);
    const int16x8_t y = vsubl_s8(b, zero2_);
    return NarrowNeon(scaler_(vmull_s16(vget_low_s16(x), vget_low_s16(y))), scaler_(vmull_high_s16(x, y)));
  }

 private:
  ScalerNeon<kForm> scaler_;
  int8x8_t zero1_;
  int8x8_t zero2_;
};

template <ScaleForm kForm>
void Run(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  const Products<kForm> products(mul);
  const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(mul.scales.min));
  const int8x16_t max = vdupq_n_s8(static_cast<int8_t>(mul.scales.max));
  for (size_t row = 0; row < rows; ++row, input1 += count, output += count) {
    for (size_t i = 0; i < count; i += 16) {
      const auto some = static_cast<int32_t>(count - i < 16 ? count - i : 16);
      const int8x16_t a = LoadBytesNeon(input1 + i, some);
      const int8x16_t b = LoadBytesNeon(input2 + i, some);
      const int8x16_t bytes =
          NarrowNeon(products(vget_low_s8(a), vget_low_s8(b)), products(vget_high_s8(a), vget_high_s8(b)));
      StoreBytesNeon(vminq_s8(vmaxq_s8(bytes, min), max), some, output + i);
    }
  }
}

}  // namespace

void RunMulS8Neon(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2,
                  int8_t* output) {
  WithScaleForm(mul.scales.form, [&]<ScaleForm kForm>() { Run<kForm>(mul, rows, count, input1, input2, output); });
}

}  // namespace glimpse::kernels
