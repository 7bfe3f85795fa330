// SPDX-License-Identifier: Apache-2.0
// Eight accumulators at a time to scaled integers plus zero point, AVX2: the forms that lane_scales.h defines and
// proves. For files compiled for AVX2; everything here has internal linkage, so that no other file can end up with code
// of this one.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/quant/lane_scales.h"
#include "kernels/quant/single_avx2.h"

namespace glimpse::kernels {
namespace {

// The constants of lanes [first, first + 8).
template <ScaleForm kForm>
class Scaler256 {
 public:
  __attribute__((always_inline)) Scaler256(const LaneScales& s, size_t first)
      : zero_point_(_mm256_set1_epi32(s.zero_point)) {
    if constexpr (kForm == ScaleForm::kReal) {
      wide_[0] = _mm256_castpd_si256(_mm256_load_pd(s.real + first));
      wide_[1] = _mm256_castpd_si256(_mm256_load_pd(s.real + first + 4));
    } else if constexpr (kForm == ScaleForm::kFloat) {
      multiplier_ = _mm256_castps_si256(_mm256_load_ps(s.single + first));
    } else if constexpr (kForm == ScaleForm::kSingle || kForm == ScaleForm::kSigned) {
      wide_[1] = _mm256_castps_si256(_mm256_load_ps(s.offset_below + first));
      multiplier_ = _mm256_castps_si256(_mm256_load_ps(s.factor + first));
      wide_[0] = _mm256_castps_si256(_mm256_load_ps(s.offset + first));
    } else {
      multiplier_ = Load(s.multiplier + first);
      odd_multiplier_ = Odd(multiplier_);
      right_ = Load(s.right + first);
      if constexpr (kForm == ScaleForm::kFolded) right_ = _mm256_shuffle_epi32(right_, 0xD8);
      if constexpr (kForm == ScaleForm::kAnyShift) {
        left_ = Load(s.left + first);
        rounds_ = Load(s.rounds + first);
      } else {
        wide_[0] = Load(s.addend + first);
        wide_[1] = Load(s.addend + first + 4);
      }
    }
  }

  // With kFolded the two in the middle of every four change places, which InOrder256 (store_avx2.h) undoes in bytes.
  __attribute__((always_inline)) __m256i operator()(__m256i acc) const {
    __m256i scaled;
    if constexpr (kForm == ScaleForm::kFolded) {
      // `right_` has them in these places too.
      const __m256 even = _mm256_castsi256_ps(Even64(acc));
      const __m256 odd = _mm256_castsi256_ps(Odd64(acc));
      scaled = _mm256_srav_epi32(_mm256_castps_si256(_mm256_shuffle_ps(even, odd, 0xDD)), right_);
    } else if constexpr (kForm == ScaleForm::kReal) {
      scaled = _mm256_set_m128i(RoundAway(_mm256_extracti128_si256(acc, 1), wide_[1]),
                                RoundAway(_mm256_castsi256_si128(acc), wide_[0]));
    } else if constexpr (kForm == ScaleForm::kFloat) {
      // What does not fit becomes -2^31 by the instruction.
      scaled = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc), _mm256_castsi256_ps(multiplier_)));
    } else if constexpr (kForm == ScaleForm::kSingle) {
      scaled = ScaleSingle256(acc, _mm256_castsi256_ps(multiplier_), _mm256_castsi256_ps(wide_[0]));
    } else if constexpr (kForm == ScaleForm::kSigned) {
      scaled = ScaleSigned256(acc, _mm256_castsi256_ps(multiplier_), _mm256_castsi256_ps(wide_[0]),
                              _mm256_castsi256_ps(wide_[1]));
    } else if constexpr (kForm == ScaleForm::kClipped) {
      const __m256i high = _mm256_blend_epi32(Odd(Even64(acc)), Odd64(acc), 0xAA);
      scaled = _mm256_srav_epi32(high, right_);
    } else if constexpr (kForm == ScaleForm::kRight) {
      scaled = Halve(HighMul(acc), acc);
    } else {
      const __m256i y = HighMul(_mm256_sllv_epi32(acc, left_));
      scaled = _mm256_blendv_epi8(y, Halve(y, y), rounds_);
    }
    if constexpr (kForm == ScaleForm::kFolded || kForm == ScaleForm::kSingle || kForm == ScaleForm::kSigned) {
      return scaled;
    }
    return _mm256_add_epi32(scaled, zero_point_);
  }

 private:
  template <typename T>
  __attribute__((always_inline)) static __m256i Load(const T* from) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
  }

  // The odd ones in the places of the even ones. A shuffle, since multiplications and shifts share their ports.
  __attribute__((always_inline)) static __m256i Odd(__m256i x) {
    return _mm256_castps_si256(_mm256_movehdup_ps(_mm256_castsi256_ps(x)));
  }

  // p and the addend, of the even and of the odd lanes.
  __attribute__((always_inline)) __m256i Even64(__m256i acc) const {
    return _mm256_add_epi64(_mm256_mul_epi32(acc, multiplier_), wide_[0]);
  }
  __attribute__((always_inline)) __m256i Odd64(__m256i acc) const {
    return _mm256_add_epi64(_mm256_mul_epi32(Odd(acc), odd_multiplier_), wide_[1]);
  }

  // y = floor((x * M + 2^30) / 2^31).
  __attribute__((always_inline)) __m256i HighMul(__m256i x) const {
    const __m256i nudge = _mm256_set1_epi64x(int64_t{1} << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier_), nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(Odd(x), odd_multiplier_), nudge);
    return _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_add_epi64(odd, odd), 0xAA);
  }

  // ((w >> (r - 1)) + 1) >> 1 with w = y - [sign < 0].
  __attribute__((always_inline)) __m256i Halve(__m256i y, __m256i sign) const {
    const __m256i w = _mm256_add_epi32(y, _mm256_srai_epi32(sign, 31));
    const __m256i twice = _mm256_sub_epi32(_mm256_srav_epi32(w, right_), _mm256_set1_epi32(-1));
    return _mm256_srai_epi32(twice, 1);
  }

  // Half away from zero as truncation after adding the double below 0.5 with the product's sign: 0.5 itself would take
  // the double below a half up, and this one still takes a half up, since the sum is rounded to even.
  __attribute__((always_inline)) static __m128i RoundAway(__m128i acc, __m256i scale) {
    const __m256d product = _mm256_mul_pd(_mm256_cvtepi32_pd(acc), _mm256_castsi256_pd(scale));
    const __m256d sign = _mm256_and_pd(product, _mm256_set1_pd(-0.0));
    const __m256d half = _mm256_or_pd(sign, _mm256_set1_pd(0x1.fffffffffffffp-2));
    return _mm256_cvttpd_epi32(_mm256_add_pd(product, half));
  }

  __m256i zero_point_;
  __m256i multiplier_;
  __m256i odd_multiplier_;
  __m256i right_;
  __m256i left_;
  __m256i rounds_;
  __m256i wide_[2];
};

}  // namespace
}  // namespace glimpse::kernels
