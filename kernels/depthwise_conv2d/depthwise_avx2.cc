// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on int8 with AVX2: one vpmaddwd sums two filter rows of a column for eight lanes.
//
// As in conv2d_avx2.cc activations are x - zero point in 16 bits and padding is 0.
#include <immintrin.h>

#include "kernels/depthwise_conv2d/depthwise3x3_avx2.h"
#include "kernels/depthwise_conv2d/depthwise_driver.h"
#include "kernels/quant/stage_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

struct Avx2 {
  using Element = int16_t;
  using Weight = int16_t;
  using Granule = int32_t;
  static constexpr int32_t kGranule = 2;
  static constexpr int32_t kLanes = 8;
  static constexpr int32_t kBlock = 16;

  static int16_t Padding(int32_t) { return 0; }
  static int32_t SumOffset(int32_t) { return 0; }
  static void Stage(const int8_t* from, size_t count, int32_t zero_point, int16_t* to) {
    StageCentred256(from, count, zero_point, to);
  }
  static void Interleave(const int16_t* const (&rows)[kGranule], size_t blocks, int32_t* out);
  static void Rows(const DepthwiseRows<int16_t>& job, int32_t count);
};

template <typename T>
__attribute__((always_inline)) inline __m256i Load(const T* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

// Unpacking works within 128 bits, so the middle quarters change places first.
void Avx2::Interleave(const int16_t* const (&rows)[kGranule], size_t blocks, int32_t* out) {
  for (size_t block = 0; block < blocks; ++block, out += 16) {
    const __m256i row0 = _mm256_permute4x64_epi64(Load(rows[0] + block * 16), 0xD8);
    const __m256i row1 = _mm256_permute4x64_epi64(Load(rows[1] + block * 16), 0xD8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_unpacklo_epi16(row0, row1));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8), _mm256_unpackhi_epi16(row0, row1));
  }
}

template <ScaleForm kForm, int kRows>
void RunRows(const DepthwiseRows<int16_t>& job) {
  const LaneScales& scales = *job.scales;
  const __m128i min = _mm_set1_epi8(static_cast<char>(scales.min));
  const __m128i max = _mm_set1_epi8(static_cast<char>(scales.max));
  const size_t pattern_weights = static_cast<size_t>(job.taps) * job.tap_weights;
  int32_t pattern = 0;
  for (size_t at = 0; at < job.lanes; at += 16) {
    const int16_t* weights = job.weights + static_cast<size_t>(pattern) * pattern_weights;
    const size_t lane = static_cast<size_t>(pattern) * 16;
    __m256i acc[kRows][2];
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      acc[r][0] = Load(scales.bias + lane);
      acc[r][1] = Load(scales.bias + lane + 8);
    }
    for (int32_t tap = 0; tap < job.taps; ++tap, weights += job.tap_weights) {
      const int32_t* data = job.data + job.offsets[tap] + at;
      const __m256i x0 = Load(data);
      const __m256i x1 = Load(data + 8);
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) {
        const int16_t* w = weights + static_cast<size_t>(r) * job.row_weights;
        acc[r][0] = _mm256_add_epi32(acc[r][0], _mm256_madd_epi16(x0, Load(w)));
        acc[r][1] = _mm256_add_epi32(acc[r][1], _mm256_madd_epi16(x1, Load(w + 16)));
      }
    }
    const Scaler256<kForm> low(scales, lane);
    const Scaler256<kForm> high(scales, lane + 8);
    const size_t left = job.lanes - at;
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low(acc[r][0]), high(acc[r][1])), 0xD8);
      const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
      StoreBytes256(Clamp256<kForm>(InOrder256<kForm>(bytes), min, max), left >= 16 ? 16 : static_cast<int32_t>(left),
                    job.output[r] + at);
    }
    if (++pattern == job.patterns) pattern = 0;
  }
}

template <ScaleForm kForm>
void RunForm(const DepthwiseRows<int16_t>& job, int32_t count) {
  if (count == 2) return RunRows<kForm, 2>(job);
  RunRows<kForm, 1>(job);
}

void Avx2::Rows(const DepthwiseRows<int16_t>& job, int32_t count) {
  WithScaleForm(job.scales->form, [&]<ScaleForm kForm>() { RunForm<kForm>(job, count); });
}

using Kernel = PackedDepthwise<Avx2>;

size_t PackedBytes(const DepthwiseConv2DParams& p) {
  return Is3x3Avx2(p) ? Depthwise3x3PackedBytesAvx2(p) : Kernel::PackedBytes(p);
}

size_t ScratchBytes(const DepthwiseConv2DParams& p) {
  return Is3x3Avx2(p) ? Depthwise3x3ScratchBytesAvx2(p) : Kernel::ScratchBytes(p);
}

void Pack(const DepthwiseConv2DParams& p, const int8_t* filter, const int32_t* bias, void* packed) {
  (Is3x3Avx2(p) ? Depthwise3x3PackAvx2 : Kernel::Pack)(p, filter, bias, packed);
}

void Run(const DepthwiseConv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  (Is3x3Avx2(p) ? Depthwise3x3RunAvx2 : Kernel::Run)(p, packed, input, scratch, output);
}

}  // namespace

const PackedDepthwiseS8 kDepthwiseS8Avx2 = {PackedBytes, ScratchBytes, Pack, Run};

}  // namespace glimpse::kernels
