// SPDX-License-Identifier: Apache-2.0
// MUL on int8 with AVX2, 16 elements at a time.
#include <immintrin.h>

#include "kernels/elementwise/mul_s8.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

template <ScaleForm kForm>
void Run(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  const Scaler256<kForm> scaler(mul.scales, 0);
  const __m256i zero1 = _mm256_set1_epi16(static_cast<int16_t>(mul.zero_point1));
  const __m256i zero2 = _mm256_set1_epi16(static_cast<int16_t>(mul.zero_point2));
  const __m128i min = _mm_set1_epi8(static_cast<char>(mul.scales.min));
  const __m128i max = _mm_set1_epi8(static_cast<char>(mul.scales.max));
  for (size_t row = 0; row < rows; ++row, input1 += count, output += count) {
    for (size_t i = 0; i < count; i += 16) {
      const auto some = static_cast<int32_t>(count - i < 16 ? count - i : 16);
      const __m256i a = _mm256_sub_epi16(_mm256_cvtepi8_epi16(LoadBytes256(input1 + i, some)), zero1);
      const __m256i b = _mm256_sub_epi16(_mm256_cvtepi8_epi16(LoadBytes256(input2 + i, some)), zero2);
      // The order in which unpacking leaves the products is what packing undoes.
      const __m256i low = _mm256_mullo_epi16(a, b);
      const __m256i high = _mm256_mulhi_epi16(a, b);
      const __m256i words =
          _mm256_packs_epi32(scaler(_mm256_unpacklo_epi16(low, high)), scaler(_mm256_unpackhi_epi16(low, high)));
      const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
      StoreBytes256(Clamp256<kForm>(InOrder256<kForm>(bytes), min, max), some, output + i);
    }
  }
}

}  // namespace

void RunMulS8Avx2(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2,
                  int8_t* output) {
  switch (mul.scales.form) {
    case ScaleForm::kFolded:
      return Run<ScaleForm::kFolded>(mul, rows, count, input1, input2, output);
    case ScaleForm::kClipped:
      return Run<ScaleForm::kClipped>(mul, rows, count, input1, input2, output);
    case ScaleForm::kRight:
      return Run<ScaleForm::kRight>(mul, rows, count, input1, input2, output);
    case ScaleForm::kFloat:
      return Run<ScaleForm::kFloat>(mul, rows, count, input1, input2, output);
    default:
      return Run<ScaleForm::kAnyShift>(mul, rows, count, input1, input2, output);
  }
}

}  // namespace glimpse::kernels
