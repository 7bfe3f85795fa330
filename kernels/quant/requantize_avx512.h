// SPDX-License-Identifier: Apache-2.0
// Sixteen accumulators at a time to scaled integers plus zero point, AVX-512: the forms that lane_scales.h defines
// and proves. For files compiled for AVX-512 F, BW, VL and VNNI; everything here has internal linkage, so that no other
// file can end up with code of this one.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {
namespace {

// The constants of lanes [first, first + 16).
template <ScaleForm kForm>
class Scaler512 {
 public:
  __attribute__((always_inline)) Scaler512(const LaneScales& s, size_t first)
      : zero_point_(_mm512_set1_epi32(s.zero_point)) {
    if constexpr (kForm == ScaleForm::kReal) {
      wide_[0] = _mm512_castpd_si512(_mm512_load_pd(s.real + first));
      wide_[1] = _mm512_castpd_si512(_mm512_load_pd(s.real + first + 8));
    } else if constexpr (kForm == ScaleForm::kFloat) {
      multiplier_ = _mm512_castps_si512(_mm512_load_ps(s.single + first));
    } else {
      multiplier_ = _mm512_load_si512(s.multiplier + first);
      odd_multiplier_ = _mm512_srli_epi64(multiplier_, 32);
      right_ = _mm512_load_si512(s.right + first);
      if constexpr (kForm == ScaleForm::kAnyShift) {
        left_ = _mm512_load_si512(s.left + first);
        rounds_ = _mm512_cmplt_epi32_mask(_mm512_load_si512(s.rounds + first), _mm512_setzero_si512());
      } else {
        wide_[0] = _mm512_load_si512(s.addend + first);
        wide_[1] = _mm512_load_si512(s.addend + first + 8);
      }
    }
  }

  __attribute__((always_inline)) __m512i operator()(__m512i acc) const {
    __m512i scaled;
    if constexpr (kForm == ScaleForm::kReal) {
      scaled = _mm512_inserti64x4(_mm512_castsi256_si512(RoundAway(_mm512_castsi512_si256(acc), wide_[0])),
                                  RoundAway(_mm512_extracti64x4_epi64(acc, 1), wide_[1]), 1);
    } else if constexpr (kForm == ScaleForm::kFloat) {
      // What does not fit becomes -2^31 by the instruction.
      scaled = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), _mm512_castsi512_ps(multiplier_)));
    } else if constexpr (kForm == ScaleForm::kAnyShift) {
      scaled = AnyShift(acc);
    } else {
      scaled = Nested(acc);
    }
    if constexpr (kForm == ScaleForm::kFolded) return scaled;
    return _mm512_add_epi32(scaled, zero_point_);
  }

 private:
  // 2^31 off where the product is negative: its sign is that of the accumulator, since M >= 0 (M = 0: no harm).
  __attribute__((always_inline)) static __m512i Add(__m512i product, __m512i addend) {
    const __m512i sum = _mm512_add_epi64(product, addend);
    if constexpr (kForm == ScaleForm::kClipped || kForm == ScaleForm::kFolded) return sum;
    const __mmask8 negative = _mm512_cmplt_epi64_mask(product, _mm512_setzero_si512());
    return _mm512_mask_sub_epi64(sum, negative, sum, _mm512_set1_epi64(int64_t{1} << 31));
  }

  __attribute__((always_inline)) __m512i Nested(__m512i acc) const {
    const __m512i even = Add(_mm512_mul_epi32(acc, multiplier_), wide_[0]);
    const __m512i odd = Add(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), odd_multiplier_), wide_[1]);
    const __m512i high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
    return _mm512_srav_epi32(high, right_);
  }

  __attribute__((always_inline)) __m512i AnyShift(__m512i acc) const {
    const __m512i x = _mm512_sllv_epi32(acc, left_);
    const __m512i nudge = _mm512_set1_epi64(int64_t{1} << 30);
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, multiplier_), nudge);
    const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), odd_multiplier_), nudge);
    const __m512i y = _mm512_mask_mov_epi32(_mm512_slli_epi64(odd, 1), 0x5555, _mm512_srli_epi64(even, 31));
    const __m512i w = _mm512_add_epi32(y, _mm512_srai_epi32(y, 31));
    const __m512i twice = _mm512_sub_epi32(_mm512_srav_epi32(w, right_), _mm512_set1_epi32(-1));
    return _mm512_mask_srai_epi32(y, rounds_, twice, 1);
  }

  // Half away from zero as truncation after adding the double below 0.5 with the product's sign: 0.5 itself would take
  // the double below a half up, and this one still takes a half up, since the sum is rounded to even.
  __attribute__((always_inline)) static __m256i RoundAway(__m256i acc, __m512i scale) {
    const __m512d product = _mm512_mul_pd(_mm512_cvtepi32_pd(acc), _mm512_castsi512_pd(scale));
    const __m512i sign = _mm512_and_si512(_mm512_castpd_si512(product), _mm512_set1_epi64(INT64_MIN));
    const __m512i half = _mm512_or_si512(sign, _mm512_castpd_si512(_mm512_set1_pd(0x1.fffffffffffffp-2)));
    return _mm512_cvttpd_epi32(_mm512_add_pd(product, _mm512_castsi512_pd(half)));
  }

  __m512i zero_point_;
  __m512i multiplier_;
  __m512i odd_multiplier_;
  __m512i right_;
  __m512i left_;
  __m512i wide_[2];
  __mmask16 rounds_ = 0;
};

}  // namespace
}  // namespace glimpse::kernels
