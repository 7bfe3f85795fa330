// SPDX-License-Identifier: Apache-2.0
// A cheaper last step, where it is proven to give the same bytes: three float operations with AVX2,
//     kSingle   out = rint(fma(float(acc), factor, offset)),
// or one more, which chooses the offset by the sign of the sum,
//     kSigned   out = rint(fma(float(acc), factor, acc < 0 ? offset_below : offset)),
// then the clamp. The former is for layers whose negative results are clipped. Double rounding has ties away from zero,
// and so moves thresholds towards zero, up and down: two offsets can follow that.
//
// Proof, channel by channel at prepare. With factor >= 0 and offset_below <= offset no step of this falls while acc
// grows, since every rounding keeps order; nor does the true result. Two such staircases are one and the same within
// int8 if they reach every value v in (-128, 127] at the same sum: with t_v the first sum that truly gives v or more,
// if out(t_v) >= v and out(t_v - 1) < v. That is tried with the very instructions, for 255 values. Of the floats next
// to the scale those are tried as a factor for which offsets can be right; these are taken from the middle of what the
// thresholds leave, where the rounding of the sum harms least.
//
// Internal linkage throughout, like requantize_avx2.h.
#pragma once

#include <immintrin.h>

#include <cmath>
#include <cstdint>

#include "kernels/quant/lane_scales.h"
#include "kernels/quant/linear_output.h"

namespace glimpse::kernels {
namespace {

// out(x), eight sums at a time.
__attribute__((always_inline)) inline __m256i ScaleSingle256(__m256i acc, __m256 factor, __m256 offset) {
  return _mm256_cvtps_epi32(_mm256_fmadd_ps(_mm256_cvtepi32_ps(acc), factor, offset));
}

// The same with an offset for sums below 0.
__attribute__((always_inline)) inline __m256i ScaleSigned256(__m256i acc, __m256 factor, __m256 offset,
                                                             __m256 offset_below) {
  return ScaleSingle256(acc, factor, _mm256_blendv_ps(offset, offset_below, _mm256_castsi256_ps(acc)));
}

struct SingleScale256 {
  float factor = 0;
  float offset = 0;
  float offset_below = 0;
};

class SingleProof256 {
 public:
  // `times`: the last step is given sums so many times as large, which fit 32 bits.
  explicit SingleProof256(int32_t times = 1) : times_(times) {}

  // Whether a scale was found. Tried for scales below 0.5, with double rounding or that of a real product.
  bool Find(const OutputScale& scale, const LinearParams& p, SingleScale256* found) {
    double real = scale.real;
    if (scale.rounding == Rounding::kDouble) {
      if (!FindThresholds(scale.fixed, p.output_zero_point)) return false;
      real = std::ldexp(static_cast<double>(scale.fixed.multiplier), scale.fixed.shift - 31);
    } else if (scale.rounding != Rounding::kRealHalfAway || !FindThresholds(real, p.output_zero_point)) {
      return false;
    }
    auto below = static_cast<float>(real / times_);
    float above = below;
    for (int i = 0; i < kTries; ++i) {
      if (Try(below, found) || Try(above, found)) return true;
      below = std::nextafterf(below, 0.0F);
      above = std::nextafterf(above, 1.0F);
    }
    return false;
  }

 private:
  static constexpr int kTries = 4;
  static constexpr int kValues = 255;
  static constexpr int kRounded = 256;  // to whole vectors

  // By lane_scales.h a sum gives z or more, before the zero point, when it is at least n / M, n = z * 2^(31+r) -
  // 2^(30+r) -+ 2^30, - for z >= 1. That is an integer or more than 2^-31 away from all integers: the quotient in
  // double lies on the right side of them where it is below 2^21, and n is exact, as 2^30 times a number of 32 bits.
  bool FindThresholds(FixedPointMultiplier fixed, int32_t zero_point) {
    const int r = -fixed.shift;
    if (fixed.multiplier < 1 << 30 || r < 1 || r > 16) return false;
    below_ = 0;
    for (int i = 0; i < kValues; ++i) {
      value_[i] = i - 127;
      const int64_t z = value_[i] - zero_point;
      if (z < 1) ++below_;
      const auto parts = static_cast<double>((z << (r + 1)) - (int64_t{1} << r) + (z < 1 ? 1 : -1));
      const double first = std::ceil(parts * 0x1p30 / fixed.multiplier);
      if (!(std::abs(first) < 0x1p21)) return false;
      first_[i] = static_cast<int32_t>(first);
    }
    Complete();
    return true;
  }

  // The same with the rule itself, which is asked around the quotient.
  bool FindThresholds(double real, int32_t zero_point) {
    if (!(real < 0.5 && real > 0x1p-13)) return false;
    below_ = 0;
    for (int i = 0; i < kValues; ++i) {
      value_[i] = i - 127;
      const int32_t z = value_[i] - zero_point;
      if (z < 1) ++below_;
      first_[i] = static_cast<int32_t>(std::floor((z - 0.5) / real)) - 1;  // below 2^21: |z| <= 255
      while (RoundRealHalfAway(first_[i], real) < z) ++first_[i];
    }
    Complete();
    return true;
  }

  // All thresholds are below 2^21, and 2^21 times 576 is below 2^31.
  void Complete() {
    for (int i = 0; i < kValues; ++i) first_[i] *= times_;
    value_[kValues] = value_[kValues - 1];
    first_[kValues] = first_[kValues - 1];
  }

  // The middle of what thresholds [begin, end) leave for the offset; with none of them, 0. False: nothing is left.
  bool FindOffset(float factor, int begin, int end, float* offset) const {
    double least = -1e9;
    double most = 1e9;
    for (int i = begin; i < end; ++i) {
      const double at = value_[i] - 0.5 - first_[i] * static_cast<double>(factor);
      const double until = at + times_ * static_cast<double>(factor);
      least = at > least ? at : least;
      most = until < most ? until : most;
    }
    *offset = static_cast<float>((least + most) / 2);
    return least < most;
  }

  bool Try(float factor, SingleScale256* found) const {
    SingleScale256 s{factor, 0, 0};
    if (!FindOffset(factor, below_, kValues, &s.offset)) return false;
    if (below_ == 0) s.offset_below = s.offset;
    if (below_ != 0 && !FindOffset(factor, 0, below_, &s.offset_below)) return false;
    if (s.offset_below > s.offset || !Holds(s)) return false;
    *found = s;
    return true;
  }

  bool Holds(const SingleScale256& s) const {
    const __m256 factor = _mm256_set1_ps(s.factor);
    const __m256 offset = _mm256_set1_ps(s.offset);
    const __m256 offset_below = _mm256_set1_ps(s.offset_below);
    __m256i wrong = _mm256_setzero_si256();
    for (int i = 0; i < kRounded; i += 8) {
      const __m256i value = _mm256_load_si256(reinterpret_cast<const __m256i*>(value_ + i));
      const __m256i first = _mm256_load_si256(reinterpret_cast<const __m256i*>(first_ + i));
      const __m256i before = _mm256_sub_epi32(first, _mm256_set1_epi32(times_));
      const __m256i late = _mm256_cmpgt_epi32(value, ScaleSigned256(first, factor, offset, offset_below));
      const __m256i early = _mm256_cmpgt_epi32(value, ScaleSigned256(before, factor, offset, offset_below));
      wrong = _mm256_or_si256(wrong, _mm256_or_si256(late, _mm256_xor_si256(early, _mm256_set1_epi32(-1))));
    }
    return _mm256_testz_si256(wrong, wrong) != 0;
  }

  int32_t times_;
  int below_ = 0;  // thresholds of results below 1
  alignas(32) int32_t first_[kRounded];
  alignas(32) int32_t value_[kRounded];
};

// A search takes about a microsecond: some hundred runs make up for it where a channel has that many outputs.
constexpr int64_t kFewestOutputs = 32;

// Whether the clamp is all of int8 and no result below 1 survives it.
inline bool ClipsAll256(const LaneScales& s) { return s.zero_point == -128 && s.min == -128 && s.max == 127; }

// Whether kSingle or kSigned may take the place of the layer's form.
inline bool MayProve256(const LaneScales& s) {
  return ClipsAll256(s) || s.form == ScaleForm::kRight || s.form == ScaleForm::kReal;
}

// The form of one lane beside what SetLane has set, after that and in the order of lanes; as there, `scale` may be
// nullptr. `times`: for sums so many times as large.
inline void ProveLane256(const LaneScales& s, int32_t lane, const OutputScale* scale, const LinearParams& p,
                         int64_t outputs, int32_t times = 1) {
  int32_t& proven = s.proven[lane / 8];  // of the lanes before, 0 at the first of eight
  if (outputs < kFewestOutputs || (lane % 8 != 0 && proven == 0)) return;
  if (!MayProve256(s)) return;
  SingleProof256 proof(times);
  SingleScale256 found;
  proven = scale == nullptr || proof.Find(*scale, p, &found) ? 1 : 0;
  s.factor[lane] = found.factor;
  s.offset[lane] = found.offset;
  s.offset_below[lane] = found.offset_below;
}

// The same for all lanes of a layer with one pixel, after SetLane: with one scale for all channels, and thus one
// search.
inline void ProveRow256(const LaneScales& s, int32_t lanes, const LinearParams& p, int32_t channels) {
  if (!MayProve256(s)) return;
  for (int32_t o = 1; o < channels; ++o) {
    if (p.scales[o].real != p.scales[0].real) return;
  }
  SingleProof256 proof;
  SingleScale256 found;
  if (!proof.Find(p.scales[0], p, &found)) return;
  for (int32_t lane = 0; lane < lanes; ++lane) {
    s.factor[lane] = found.factor;
    s.offset[lane] = found.offset;
    s.offset_below[lane] = found.offset_below;
    s.proven[lane / 8] = 1;
  }
}

// Whether the sixteen lanes from `lane` on have it, or the eight.
inline bool IsProven256(const LaneScales& s, size_t lane, int32_t vectors) {
  return s.proven[lane / 8] != 0 && (vectors == 1 || s.proven[lane / 8 + 1] != 0);
}

}  // namespace
}  // namespace glimpse::kernels
