// SPDX-License-Identifier: Apache-2.0
// ADD and SUB on int8 with AVX-512, 64 elements at a time; masks for the last ones.
#include <immintrin.h>

#include "kernels/elementwise/sum_s8.h"
#include "kernels/quant/requantize_avx512.h"

namespace glimpse::kernels {
namespace {

// Both inputs of 32 elements as pairs of 16-bit numbers, in the order that packing undoes.
class Linear {
 public:
  explicit Linear(const SumS8& sum)
      : high_(_mm512_set1_epi32(sum.high_factors)),
        low_(_mm512_set1_epi32(sum.low_factors)),
        addend_(_mm512_set1_epi32(sum.addend)),
        zero_point_(_mm512_set1_epi32(sum.output_zero_point)),
        up_(_mm_cvtsi32_si128(15 - sum.low_shift)),
        low_shift_(_mm_cvtsi32_si128(sum.low_shift)),
        high_shift_(_mm_cvtsi32_si128(sum.high_shift)) {}

  __m512i operator()(__m512i a, __m512i b) const {
    const __m512i a0 = _mm512_cvtepi8_epi16(_mm512_castsi512_si256(a));
    const __m512i b0 = _mm512_cvtepi8_epi16(_mm512_castsi512_si256(b));
    const __m512i a1 = _mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(a, 1));
    const __m512i b1 = _mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(b, 1));
    const __m512i words0 =
        _mm512_packs_epi32(Pairs(_mm512_unpacklo_epi16(a0, b0)), Pairs(_mm512_unpackhi_epi16(a0, b0)));
    const __m512i words1 =
        _mm512_packs_epi32(Pairs(_mm512_unpacklo_epi16(a1, b1)), Pairs(_mm512_unpackhi_epi16(a1, b1)));
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtsepi16_epi8(words0)), _mm512_cvtsepi16_epi8(words1), 1);
  }

 private:
  __m512i Pairs(__m512i ab) const {
    const __m512i high = _mm512_sll_epi32(_mm512_madd_epi16(ab, high_), up_);
    const __m512i low = _mm512_sra_epi32(_mm512_madd_epi16(ab, low_), low_shift_);
    const __m512i acc = _mm512_add_epi32(_mm512_add_epi32(high, addend_), low);
    return _mm512_add_epi32(_mm512_sra_epi32(acc, high_shift_), zero_point_);
  }

  __m512i high_;
  __m512i low_;
  __m512i addend_;
  __m512i zero_point_;
  __m128i up_;
  __m128i low_shift_;
  __m128i high_shift_;
};

// TFLite's three steps.
class Fixed {
 public:
  explicit Fixed(const SumS8& sum)
      : input1_(sum.input1, 0),
        input2_(sum.input2, 0),
        output_(sum.output, 0),
        zero_point1_(_mm512_set1_epi32(sum.zero_point1)),
        zero_point2_(_mm512_set1_epi32(sum.zero_point2)),
        negative_(sum.negative) {}

  __m512i operator()(__m512i a, __m512i b) const {
    const __m256i low = _mm256_set_m128i(Sixteen(_mm512_extracti32x4_epi32(a, 1), _mm512_extracti32x4_epi32(b, 1)),
                                         Sixteen(_mm512_castsi512_si128(a), _mm512_castsi512_si128(b)));
    const __m256i high = _mm256_set_m128i(Sixteen(_mm512_extracti32x4_epi32(a, 3), _mm512_extracti32x4_epi32(b, 3)),
                                          Sixteen(_mm512_extracti32x4_epi32(a, 2), _mm512_extracti32x4_epi32(b, 2)));
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  }

 private:
  __m128i Sixteen(__m128i a, __m128i b) const {
    const __m512i term1 = input1_(Centred(a, zero_point1_));
    const __m512i term2 = input2_(Centred(b, zero_point2_));
    return _mm512_cvtsepi32_epi8(output_(negative_ ? _mm512_sub_epi32(term1, term2) : _mm512_add_epi32(term1, term2)));
  }
  static __m512i Centred(__m128i x, __m512i zero_point) {
    return _mm512_slli_epi32(_mm512_sub_epi32(_mm512_cvtepi8_epi32(x), zero_point), 20);
  }

  Scaler512<ScaleForm::kAnyShift> input1_;
  Scaler512<ScaleForm::kAnyShift> input2_;
  Scaler512<ScaleForm::kAnyShift> output_;
  __m512i zero_point1_;
  __m512i zero_point2_;
  bool negative_;
};

template <typename Function>
void RunAll(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  const Function function(sum);
  const __m512i min = _mm512_set1_epi8(static_cast<char>(sum.output_min));
  const __m512i max = _mm512_set1_epi8(static_cast<char>(sum.output_max));
  const auto clamp = [&](__m512i bytes) { return _mm512_min_epi8(_mm512_max_epi8(bytes, min), max); };
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    _mm512_storeu_si512(output + i, clamp(function(_mm512_loadu_si512(input1 + i), _mm512_loadu_si512(input2 + i))));
  }
  if (i == count) return;
  const __mmask64 rest = ~__mmask64{0} >> (64 - (count - i));
  const __m512i bytes = function(_mm512_maskz_loadu_epi8(rest, input1 + i), _mm512_maskz_loadu_epi8(rest, input2 + i));
  _mm512_mask_storeu_epi8(output + i, rest, clamp(bytes));
}

void Run(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  if (sum.linear) return RunAll<Linear>(sum, count, input1, input2, output);
  RunAll<Fixed>(sum, count, input1, input2, output);
}

}  // namespace

const SumS8Kernel kSumS8Avx512Vnni = {16, Run};

}  // namespace glimpse::kernels
