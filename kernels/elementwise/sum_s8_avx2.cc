// SPDX-License-Identifier: Apache-2.0
// ADD and SUB on int8 with AVX2, 16 elements at a time.
#include <immintrin.h>

#include "kernels/elementwise/sum_s8.h"
#include "kernels/quant/requantize_avx2.h"

namespace glimpse::kernels {
namespace {

// Both inputs as pairs of 16-bit numbers, in the order that packing undoes.
class Linear {
 public:
  explicit Linear(const SumS8& sum)
      : high_(_mm256_set1_epi32(sum.high_factors)),
        low_(_mm256_set1_epi32(sum.low_factors)),
        addend_(_mm256_set1_epi32(sum.addend)),
        zero_point_(_mm256_set1_epi32(sum.output_zero_point)),
        up_(_mm256_set1_epi32(15 - sum.low_shift)),
        low_shift_(_mm256_set1_epi32(sum.low_shift)),
        high_shift_(_mm256_set1_epi32(sum.high_shift)) {}

  __m128i operator()(__m128i a, __m128i b) const {
    const __m256i wide_a = _mm256_cvtepi8_epi16(a);
    const __m256i wide_b = _mm256_cvtepi8_epi16(b);
    const __m256i words =
        _mm256_packs_epi32(Pairs(_mm256_unpacklo_epi16(wide_a, wide_b)), Pairs(_mm256_unpackhi_epi16(wide_a, wide_b)));
    return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  }

 private:
  __m256i Pairs(__m256i ab) const {
    const __m256i high = _mm256_sllv_epi32(_mm256_madd_epi16(ab, high_), up_);
    const __m256i low = _mm256_srav_epi32(_mm256_madd_epi16(ab, low_), low_shift_);
    const __m256i acc = _mm256_add_epi32(_mm256_add_epi32(high, addend_), low);
    return _mm256_add_epi32(_mm256_srav_epi32(acc, high_shift_), zero_point_);
  }

  __m256i high_;
  __m256i low_;
  __m256i addend_;
  __m256i zero_point_;
  // Shifts by lane take one operation, those by one number for all two.
  __m256i up_;
  __m256i low_shift_;
  __m256i high_shift_;
};

// TFLite's three steps.
class Fixed {
 public:
  explicit Fixed(const SumS8& sum)
      : input1_(sum.input1, 0),
        input2_(sum.input2, 0),
        output_(sum.output, 0),
        zero_point1_(_mm256_set1_epi32(sum.zero_point1)),
        zero_point2_(_mm256_set1_epi32(sum.zero_point2)),
        negative_(sum.negative) {}

  __m128i operator()(__m128i a, __m128i b) const {
    const __m256i low = Eight(a, b);
    const __m256i high = Eight(_mm_srli_si128(a, 8), _mm_srli_si128(b, 8));
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  }

 private:
  __m256i Eight(__m128i a, __m128i b) const {
    const __m256i term1 = input1_(Centred(a, zero_point1_));
    const __m256i term2 = input2_(Centred(b, zero_point2_));
    return output_(negative_ ? _mm256_sub_epi32(term1, term2) : _mm256_add_epi32(term1, term2));
  }
  static __m256i Centred(__m128i x, __m256i zero_point) {
    return _mm256_slli_epi32(_mm256_sub_epi32(_mm256_cvtepi8_epi32(x), zero_point), 20);
  }

  Scaler256<ScaleForm::kAnyShift> input1_;
  Scaler256<ScaleForm::kAnyShift> input2_;
  Scaler256<ScaleForm::kAnyShift> output_;
  __m256i zero_point1_;
  __m256i zero_point2_;
  bool negative_;
};

__m128i Load(const int8_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

template <typename Function>
void RunAll(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  const Function function(sum);
  const __m128i min = _mm_set1_epi8(static_cast<char>(sum.output_min));
  const __m128i max = _mm_set1_epi8(static_cast<char>(sum.output_max));
  const auto sixteen = [&](const int8_t* a, const int8_t* b, int8_t* out) {
    const __m128i bytes = _mm_min_epi8(_mm_max_epi8(function(Load(a), Load(b)), min), max);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  };
  size_t i = 0;
  for (; i + 16 <= count; i += 16) sixteen(input1 + i, input2 + i, output + i);
  if (i == count) return;
  int8_t rest[3][16] = {};
  for (size_t k = 0; i + k < count; ++k) {
    rest[0][k] = input1[i + k];
    rest[1][k] = input2[i + k];
  }
  sixteen(rest[0], rest[1], rest[2]);
  for (size_t k = 0; i + k < count; ++k) output[i + k] = rest[2][k];
}

void Run(const SumS8& sum, size_t count, const int8_t* input1, const int8_t* input2, int8_t* output) {
  if (sum.linear) return RunAll<Linear>(sum, count, input1, input2, output);
  RunAll<Fixed>(sum, count, input1, input2, output);
}

}  // namespace

const SumS8Kernel kSumS8Avx2 = {8, Run};

}  // namespace glimpse::kernels
