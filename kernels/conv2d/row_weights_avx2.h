// SPDX-License-Identifier: Apache-2.0
// Which weights of a row (row_avx2.h) may stand in the first list, and which go to the second. Internal linkage
// throughout, like requantize_avx2.h.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kPanel = 16;
constexpr int32_t kStep = 4;
constexpr size_t kVectorBytes = 32;
constexpr int32_t kMostCounted = 32 * INT16_MAX;
constexpr int32_t kMostWeights = 128;  // of one sign in a 16-bit sum: 255 * 128 = 32,640
constexpr int kMaxReach = 2;

inline size_t Size(int64_t n) { return static_cast<size_t>(n); }

inline int32_t Lanes(const Conv2DParams& p) { return (p.output_depth + kPanel - 1) / kPanel * kPanel; }

// How many steps the 16-bit sums take before they are widened, 1 or 2.
using Reach = int32_t;

inline int32_t Steps(const Conv2DParams& p, Reach reach) {
  const int32_t channels = kStep * reach;
  return (p.input_depth + channels - 1) / channels * reach;
}

// What the weights of a 16-bit sum add up to, by sign.
struct SumOfWeights {
  int32_t positive = 0;
  int32_t negative = 0;

  // Whether the sum with `w` cannot saturate; if so, it is in.
  bool Take(int32_t w) {
    const int32_t up = positive + (w > 0 ? w : 0);
    const int32_t down = negative + (w < 0 ? w : 0);
    if (up > kMostWeights || down < -kMostWeights) return false;
    positive = up;
    negative = down;
    return true;
  }
};

inline int8_t WeightAt(const Conv2DParams& p, const FilterView& filter, int32_t lane, int32_t c) {
  const int32_t o = lane / kPanel * kPanel + PackedChannel256(2, lane % kPanel / 8, lane % 8);
  return o < p.output_depth && c < p.input_depth ? filter.data[o * filter.output + c * filter.channel] : int8_t{0};
}

// The weights of one vector in `reach` steps: what the first list holds, and up to two vectors a step for the second.
struct SplitWeights {
  int8_t first[kMaxReach][kVectorBytes] = {};
  int8_t second[kMaxReach][2][kVectorBytes] = {};
  bool used[kMaxReach][2] = {};
};

inline SplitWeights Split(const Conv2DParams& p, const FilterView& filter, int32_t vector, int32_t step, Reach reach) {
  SplitWeights split;
  for (int32_t i = 0; i < 8 * kStep; i += 2) {
    SumOfWeights sum;
    for (Reach s = 0; s < reach; ++s) {
      SumOfWeights later;
      for (int32_t j = i; j < i + 2; ++j) {
        const int8_t w = WeightAt(p, filter, vector * 8 + i / kStep, (step + s) * kStep + j % kStep);
        if (sum.Take(w)) {
          split.first[s][j] = w;
        } else {
          const int which = later.Take(w) ? 0 : 1;
          split.second[s][which][j] = w;
          split.used[s][which] = true;
        }
      }
    }
  }
  return split;
}

// Vectors of the second list.
inline size_t CountSecond(const Conv2DParams& p, const FilterView& filter, Reach reach) {
  size_t count = 0;
  for (int32_t vector = 0; vector < Lanes(p) / 8; ++vector) {
    for (int32_t step = 0; step < Steps(p, reach); step += reach) {
      const SplitWeights split = Split(p, filter, vector, step, reach);
      for (Reach s = 0; s < reach; ++s) count += Size(split.used[s][0]) + Size(split.used[s][1]);
    }
  }
  return count;
}

// 16-bit sums that would saturate, about: where channels do not lie side by side, those of one step stand for all.
// Looks at bytes only, in a fraction of the time that CountSecond() takes.
inline size_t CountSaturating(const Conv2DParams& p, const FilterView& filter, Reach reach) {
  size_t count = 0;
  for (int32_t o = 0; o < p.output_depth; ++o) {
    const int8_t* from = filter.data + o * filter.output;
    int32_t c = 0;
    if (filter.channel == 1) {
      const __m256i ones = _mm256_set1_epi8(1);
      const __m256i most = _mm256_set1_epi16(kMostWeights);
      __m256i counts = _mm256_setzero_si256();  // a sum of 2^15 - 1 ones, at most
      for (; c + 32 <= p.input_depth && c < kMostCounted; c += 32) {
        const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + c));
        const __m256i all = _mm256_maddubs_epi16(ones, w);
        // Absolute values as unsigned bytes: the positive ones are half of all and the absolute ones together.
        const __m256i sizes = _mm256_maddubs_epi16(_mm256_abs_epi8(w), ones);
        __m256i up = _mm256_srai_epi16(_mm256_add_epi16(sizes, all), 1);
        __m256i down = _mm256_srai_epi16(_mm256_sub_epi16(sizes, all), 1);
        if (reach == 2) {
          up = _mm256_add_epi16(up, _mm256_srli_epi64(up, 32));
          down = _mm256_add_epi16(down, _mm256_srli_epi64(down, 32));
        }
        __m256i over = _mm256_or_si256(_mm256_cmpgt_epi16(up, most), _mm256_cmpgt_epi16(down, most));
        if (reach == 2) over = _mm256_and_si256(over, _mm256_set1_epi64x(0xffffffff));
        counts = _mm256_sub_epi16(counts, over);
      }
      alignas(32) int16_t lanes[16];
      _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), counts);
      for (const int16_t lane : lanes) count += Size(lane);
    }
    for (; c + 1 < p.input_depth; c += 2) {
      SumOfWeights sum;
      count += sum.Take(from[c * filter.channel]) && sum.Take(from[(c + 1) * filter.channel]) ? 0 : 1;
    }
  }
  return count;
}

struct RowPlan {
  Reach reach = 1;
  size_t second = 0;  // vectors of the second list
};

// Two steps where that is less to do: of the six operations that two vectors of weights take one is saved, and each
// vector of the second list takes three.
inline RowPlan PlanRow(const Conv2DParams& p, const FilterView& filter) {
  const size_t pairs = Size(Lanes(p)) / 8 * Size(Steps(p, 2)) / 2;
  if (CountSaturating(p, filter, 2) <= pairs) {
    const size_t second = CountSecond(p, filter, 2);
    if (second * 6 <= pairs) return {2, second};
  }
  return {1, CountSecond(p, filter, 1)};
}

}  // namespace
}  // namespace glimpse::kernels
