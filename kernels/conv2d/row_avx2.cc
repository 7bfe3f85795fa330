// SPDX-License-Identifier: Apache-2.0
// row_avx2.h. A panel is 16 channels, two vectors of eight lanes; a step is four channels of input, whose bytes are
// broadcast; a vector of weights is 8 lanes of four bytes. Panels go through in groups of four, and what is left in
// groups of two and one; all weights of a group lie in the order in which they are read, since what they cost is the
// way from the second cache.
#include "kernels/conv2d/row_avx2.h"

#include <immintrin.h>

#include <cstring>

#include "kernels/conv2d/row_weights_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

constexpr size_t kHeader = 64;

size_t StagedBytes(const Conv2DParams& p) { return (Size(p.input_depth) + 63) / 64 * 64; }

// Panels of the next group, of so many that are left.
int32_t GroupPanels(int32_t left) { return left >= 4 ? 4 : left >= 2 ? 2 : 1; }

// Behind the form of the scales (and what the caller keeps there) in the packed memory: the scales; for each vector
// where its part of the second list ends, and the step of each entry; first weights [group of panels][step][vector];
// second ones.
struct Layout {
  LaneScales scales;
  int32_t* ends;
  int32_t* steps;
  int8_t* first;
  int8_t* second;
};

size_t ListBytes(const Conv2DParams& p, size_t count) {
  return ((Size(Lanes(p)) / 8 + count) * sizeof(int32_t) + 63) / 64 * 64;
}
size_t FirstBytes(const Conv2DParams& p, Reach reach) {
  return Size(Lanes(p)) / 8 * Size(Steps(p, reach)) * kVectorBytes;
}

int32_t& Count(void* packed) { return static_cast<int32_t*>(packed)[2]; }
Reach& ReachIn(void* packed) { return static_cast<int32_t*>(packed)[3]; }

Layout LayoutIn(const Conv2DParams& p, void* packed) {
  Layout l;
  auto* at = static_cast<uint8_t*>(packed) + kHeader;
  l.scales = MapLaneScales(p.linear, *static_cast<ScaleForm*>(packed), Lanes(p), at);
  at += LaneScalesBytes(Lanes(p));
  l.ends = reinterpret_cast<int32_t*>(at);
  l.steps = l.ends + Lanes(p) / 8;
  at += ListBytes(p, Size(Count(packed)));
  l.first = reinterpret_cast<int8_t*>(at);
  l.second = l.first + FirstBytes(p, ReachIn(packed));
  return l;
}

__attribute__((always_inline)) inline __m256i Load(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}
__attribute__((always_inline)) inline __m256i Four(const uint8_t* from) {
  int32_t four = 0;
  std::memcpy(&four, from, sizeof(four));
  return _mm256_set1_epi32(four);
}
__attribute__((always_inline)) inline __m256i Products(__m256i x, const int8_t* weights) {
  return _mm256_maddubs_epi16(x, Load(weights));
}
__attribute__((always_inline)) inline __m256i Widened(__m256i acc, __m256i sums) {
  return _mm256_add_epi32(acc, _mm256_madd_epi16(sums, _mm256_set1_epi16(1)));
}

// Sums of kPanels panels from `panel` on to tile[kPanels][2][8].
template <int kPanels, Reach kReach>
void Sum(const Layout& l, int32_t steps, int32_t panel, const uint8_t* x, int32_t* tile) {
  __m256i acc[kPanels * 2];
#pragma GCC unroll 8
  for (int v = 0; v < kPanels * 2; ++v) acc[v] = Load(l.scales.bias + panel * kPanel + v * 8);
  constexpr size_t kStepBytes = kPanels * 2 * kVectorBytes;
  const int8_t* weights = l.first + Size(panel) * Size(steps) * 2 * kVectorBytes;
  for (int32_t step = 0; step < steps; step += kReach, weights += kReach * kStepBytes) {
    const __m256i four = Four(x + step * kStep);
    __m256i next = four;
    if constexpr (kReach == 2) next = Four(x + (step + 1) * kStep);
#pragma GCC unroll 8
    for (int v = 0; v < kPanels * 2; ++v) {
      __m256i sums = Products(four, weights + Size(v) * kVectorBytes);
      if constexpr (kReach == 2) {
        sums = _mm256_add_epi16(sums, Products(next, weights + kStepBytes + Size(v) * kVectorBytes));
      }
      acc[v] = Widened(acc[v], sums);
    }
  }
  int32_t entry = panel == 0 ? 0 : l.ends[panel * 2 - 1];
#pragma GCC unroll 8
  for (int v = 0; v < kPanels * 2; ++v) {
    for (; entry < l.ends[panel * 2 + v]; ++entry) {
      acc[v] = Widened(acc[v], Products(Four(x + l.steps[entry] * kStep), l.second + Size(entry) * kVectorBytes));
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(tile + v * 8), acc[v]);
  }
}

template <Reach kReach>
void SumAll(const Conv2DParams& p, const Layout& l, const uint8_t* x, int32_t* tile) {
  const int32_t steps = Steps(p, kReach);
  const int32_t panels = Lanes(p) / kPanel;
  for (int32_t panel = 0, group = 0; panel < panels; panel += group) {
    group = GroupPanels(panels - panel);
    const auto sum = group == 4 ? Sum<4, kReach> : group == 2 ? Sum<2, kReach> : Sum<1, kReach>;
    sum(l, steps, panel, x, tile + panel * kPanel);
  }
}

}  // namespace

bool IsRow(const Conv2DParams& p) {
  const bool one = p.batches == 1 && p.height.output == 1 && p.width.output == 1 && p.height.input == 1 &&
                   p.width.input == 1 && p.height.filter == 1 && p.width.filter == 1 && p.groups == 1;
  return one && !p.pool && HasScaleForm(p.linear, p.output_depth);
}

bool RowWinsAvx2(const Conv2DParams& p, const FilterView& filter) {
  return CountSaturating(p, filter, 1) * 4 <= Size(Lanes(p)) / 8 * Size(Steps(p, 1));
}

size_t RowPackedBytesAvx2(const Conv2DParams& p, const FilterView& filter) {
  const RowPlan plan = PlanRow(p, filter);
  return kHeader + LaneScalesBytes(Lanes(p)) + ListBytes(p, plan.second) + FirstBytes(p, plan.reach) +
         plan.second * kVectorBytes;
}

size_t RowScratchBytesAvx2(const Conv2DParams& p) { return StagedBytes(p) + Size(Lanes(p)) * sizeof(int32_t); }

void RowPackAvx2(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  *static_cast<ScaleForm*>(packed) = ChooseScaleForm(p.linear, p.output_depth);
  const RowPlan plan = PlanRow(p, filter);
  const Reach reach = plan.reach;
  ReachIn(packed) = reach;
  Count(packed) = static_cast<int32_t>(plan.second);
  const Layout l = LayoutIn(p, packed);
  int32_t entry = 0;
  const int32_t vectors = Lanes(p) / 8;
  const int32_t steps = Steps(p, reach);
  for (int32_t first = 0, group = 0; first < vectors; first += group) {
    group = 2 * GroupPanels((vectors - first) / 2);
    for (int32_t vector = first; vector < first + group; ++vector) {
      for (int32_t step = 0; step < steps; step += reach) {
        const SplitWeights split = Split(p, filter, vector, step, reach);
        for (Reach s = 0; s < reach; ++s) {
          const size_t at = Size(first) * Size(steps) + Size(step + s) * Size(group) + Size(vector - first);
          std::memcpy(l.first + at * kVectorBytes, split.first[s], kVectorBytes);
          for (int which = 0; which < 2; ++which) {
            if (!split.used[s][which]) continue;
            std::memcpy(l.second + Size(entry) * kVectorBytes, split.second[s][which], kVectorBytes);
            l.steps[entry++] = step + s;
          }
        }
      }
      l.ends[vector] = entry;
    }
  }
  for (int32_t lane = 0; lane < Lanes(p); ++lane) {
    const int32_t o = lane / kPanel * kPanel + PackedChannel256(2, lane % kPanel / 8, lane % 8);
    const bool real = o < p.output_depth;
    uint32_t sum = 0;
    for (int32_t c = 0; c < p.input_depth; ++c) sum += static_cast<uint32_t>(int32_t{WeightAt(p, filter, lane, c)});
    const uint32_t start = real && bias != nullptr ? static_cast<uint32_t>(bias[o]) : 0;
    SetLane(l.scales, lane, 8, real ? p.linear.scales + o : nullptr,
            static_cast<int32_t>(start - static_cast<uint32_t>(128 + p.linear.input_zero_point) * sum));
  }
  ProveRow256(l.scales, Lanes(p), p.linear, p.output_depth);
}

void RowRunAvx2(const Conv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  const Layout l = LayoutIn(p, const_cast<void*>(packed));
  auto* const x = static_cast<uint8_t*>(scratch);
  const size_t depth = Size(p.input_depth);
  size_t i = 0;
  for (; i + 32 <= depth; i += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(input + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(x + i), _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)));
  }
  for (; i < depth; ++i) x[i] = static_cast<uint8_t>(input[i] + 128);
  for (; i % (kMaxReach * kStep) != 0; ++i) x[i] = 0;
  auto* const tile = reinterpret_cast<int32_t*>(x + StagedBytes(p));
  const bool two = ReachIn(const_cast<void*>(packed)) == 2;
  (two ? SumAll<2> : SumAll<1>)(p, l, x, tile);
  StoreRow256(l.scales, tile, p.output_depth, output);
}

}  // namespace glimpse::kernels
