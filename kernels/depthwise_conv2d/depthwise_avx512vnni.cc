// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on int8 with AVX-512 VNNI: one vpdpbusd sums four filter rows of a column for sixteen lanes.
//
// As in conv2d_avx512vnni.cc activations are x + 128, and (128 + zero point) times the sum of a channel's weights is
// taken off its bias; padding is staged as 128 + zero point.
#include <immintrin.h>

#include "kernels/depthwise_conv2d/depthwise_driver.h"
#include "kernels/quant/requantize_avx512.h"
#include "kernels/quant/stage_avx512.h"

namespace glimpse::kernels {
namespace {

struct Avx512Vnni {
  using Element = uint8_t;
  using Weight = int8_t;
  using Granule = int32_t;
  static constexpr int32_t kGranule = 4;
  static constexpr int32_t kLanes = 16;
  static constexpr int32_t kBlock = 64;

  static uint8_t Padding(int32_t zero_point) { return static_cast<uint8_t>(zero_point + 128); }
  static int32_t SumOffset(int32_t zero_point) { return zero_point + 128; }
  static void Stage(const int8_t* from, size_t count, int32_t, uint8_t* to) { StageUnsigned512(from, count, to); }
  static void Interleave(const uint8_t* const (&rows)[kGranule], size_t blocks, int32_t* out);
  static void Rows(const DepthwiseRows<int8_t>& job, int32_t count);
};

// Element 4 * i + j is 4 * j + i: what the transposition of a 4x4 matrix does to its elements.
__attribute__((always_inline)) inline __m512i Transposition() {
  return _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

// Unpacking works within 128 bits, so groups of four bytes are transposed first.
void Avx512Vnni::Interleave(const uint8_t* const (&rows)[kGranule], size_t blocks, int32_t* out) {
  const __m512i order = Transposition();
  for (size_t block = 0; block < blocks; ++block, out += 64) {
    __m512i row[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) row[i] = _mm512_permutexvar_epi32(order, _mm512_loadu_si512(rows[i] + block * 64));
    const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]);
    const __m512i high01 = _mm512_unpackhi_epi8(row[0], row[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]);
    const __m512i high23 = _mm512_unpackhi_epi8(row[2], row[3]);
    _mm512_storeu_si512(out, _mm512_unpacklo_epi16(low01, low23));
    _mm512_storeu_si512(out + 16, _mm512_unpackhi_epi16(low01, low23));
    _mm512_storeu_si512(out + 32, _mm512_unpacklo_epi16(high01, high23));
    _mm512_storeu_si512(out + 48, _mm512_unpackhi_epi16(high01, high23));
  }
}

// 64 lanes of sums as bytes in their order.
template <ScaleForm kForm>
__attribute__((always_inline)) inline __m512i Narrow(const Scaler512<kForm> (&scalers)[4], const __m512i (&sums)[4]) {
  const __m512i low = _mm512_packs_epi32(scalers[0](sums[0]), scalers[1](sums[1]));
  const __m512i high = _mm512_packs_epi32(scalers[2](sums[2]), scalers[3](sums[3]));
  return _mm512_permutexvar_epi32(Transposition(), _mm512_packs_epi16(low, high));
}

template <ScaleForm kForm, int kRows>
void Run(const DepthwiseRows<int8_t>& job) {
  const LaneScales& scales = *job.scales;
  const __m512i min = _mm512_set1_epi8(static_cast<char>(scales.min));
  const __m512i max = _mm512_set1_epi8(static_cast<char>(scales.max));
  const size_t pattern_weights = static_cast<size_t>(job.taps) * job.tap_weights;
  int32_t pattern = 0;
  for (size_t at = 0; at < job.lanes; at += 64) {
    const int8_t* weights = job.weights + static_cast<size_t>(pattern) * pattern_weights;
    const size_t lane = static_cast<size_t>(pattern) * 64;
    __m512i acc[kRows][4];
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) acc[r][v] = _mm512_load_si512(scales.bias + lane + v * 16);
    }
    for (int32_t tap = 0; tap < job.taps; ++tap, weights += job.tap_weights) {
      const int32_t* data = job.data + job.offsets[tap] + at;
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
        const __m512i x = _mm512_loadu_si512(data + v * 16);
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) {
          const __m512i w = _mm512_load_si512(weights + static_cast<size_t>(r) * job.row_weights + v * 64);
          acc[r][v] = _mm512_dpbusd_epi32(acc[r][v], x, w);
        }
      }
    }
    const Scaler512<kForm> scalers[] = {{scales, lane}, {scales, lane + 16}, {scales, lane + 32}, {scales, lane + 48}};
    const size_t left = job.lanes - at;
    const __mmask64 mask = left >= 64 ? ~__mmask64{0} : ~__mmask64{0} >> (64 - left);
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      const __m512i bytes = _mm512_min_epi8(_mm512_max_epi8(Narrow(scalers, acc[r]), min), max);
      _mm512_mask_storeu_epi8(job.output[r] + at, mask, bytes);
    }
    if (++pattern == job.patterns) pattern = 0;
  }
}

template <ScaleForm kForm>
void RunForm(const DepthwiseRows<int8_t>& job, int32_t count) {
  if (count == 2) return Run<kForm, 2>(job);
  Run<kForm, 1>(job);
}

void Avx512Vnni::Rows(const DepthwiseRows<int8_t>& job, int32_t count) {
  WithScaleForm(job.scales->form, [&]<ScaleForm kForm>() { RunForm<kForm>(job, count); });
}

using Kernel = PackedDepthwise<Avx512Vnni>;

}  // namespace

const PackedDepthwiseS8 kDepthwiseS8Avx512Vnni = {Kernel::PackedBytes, Kernel::ScratchBytes, Kernel::Pack, Kernel::Run};

}  // namespace glimpse::kernels
