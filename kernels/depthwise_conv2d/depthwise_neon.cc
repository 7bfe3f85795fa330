// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on int8 with NEON of every arm64: smull and smlal multiply sixteen neighbouring lanes of two taps,
// saddw adds the products to 32-bit sums.
//
// Activations are staged as they are, as in conv2d_neon.cc, and the proof is that of conv2d/sums_neon.h: two products
// fit 16 bits unless a weight is -128, for which there is a form that widens every product by itself.
#include <arm_neon.h>

#include "kernels/depthwise_conv2d/depthwise_driver.h"
#include "kernels/quant/stage_neon.h"
#include "kernels/quant/store_neon.h"

namespace glimpse::kernels {
namespace {

template <bool kApart>
struct Neon {
  using Element = int8_t;
  using Weight = int8_t;
  using Granule = int8_t;
  static constexpr int32_t kGranule = 1;
  static constexpr int32_t kLanes = 4;
  static constexpr int32_t kBlock = 16;

  static int8_t Padding(int32_t zero_point) { return static_cast<int8_t>(zero_point); }
  static int32_t SumOffset(int32_t zero_point) { return zero_point; }
  static void Stage(const int8_t* from, size_t count, int32_t, int8_t* to) { StageNeon(from, count, to); }
  static void Rows(const DepthwiseRows<int8_t, int8_t>& job, int32_t count);
};

// Products of sixteen lanes.
struct Products {
  int16x8_t low;
  int16x8_t high;
};

__attribute__((always_inline)) inline Products Multiply(const int8_t* x, const int8_t* w) {
  const int8x16_t a = vld1q_s8(x);
  const int8x16_t b = vld1q_s8(w);
  return {vmull_s8(vget_low_s8(a), vget_low_s8(b)), vmull_high_s8(a, b)};
}
__attribute__((always_inline)) inline Products MultiplyAdd(Products products, const int8_t* x, const int8_t* w) {
  const int8x16_t a = vld1q_s8(x);
  const int8x16_t b = vld1q_s8(w);
  return {vmlal_s8(products.low, vget_low_s8(a), vget_low_s8(b)), vmlal_high_s8(products.high, a, b)};
}
__attribute__((always_inline)) inline void Add(int32x4_t (&acc)[4], Products products) {
  acc[0] = vaddw_s16(acc[0], vget_low_s16(products.low));
  acc[1] = vaddw_high_s16(acc[1], products.low);
  acc[2] = vaddw_s16(acc[2], vget_low_s16(products.high));
  acc[3] = vaddw_high_s16(acc[3], products.high);
}

template <bool kApart, ScaleForm kForm>
__attribute__((noinline)) void SumRow(const DepthwiseRows<int8_t, int8_t>& job) {
  const LaneScales& scales = *job.scales;
  const int8x16_t min = vdupq_n_s8(static_cast<int8_t>(scales.min));
  const int8x16_t max = vdupq_n_s8(static_cast<int8_t>(scales.max));
  const size_t pattern_weights = static_cast<size_t>(job.taps) * job.tap_weights;
  int32_t pattern = 0;
  for (size_t at = 0; at < job.lanes; at += 16) {
    const int8_t* weights = job.weights + static_cast<size_t>(pattern) * pattern_weights;
    const size_t lane = static_cast<size_t>(pattern) * 16;
    int32x4_t acc[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) acc[i] = vld1q_s32(scales.bias + lane + i * 4);
    const int8_t* const data = job.data + at;
    int32_t tap = 0;
    for (; tap + 2 <= job.taps; tap += 2, weights += 32) {
      const int8_t* const first = data + job.offsets[tap];
      const int8_t* const second = data + job.offsets[tap + 1];
      if constexpr (kApart) {
        Add(acc, Multiply(first, weights));
        Add(acc, Multiply(second, weights + 16));
      } else {
        Add(acc, MultiplyAdd(Multiply(first, weights), second, weights + 16));
      }
    }
    if (tap < job.taps) Add(acc, Multiply(data + job.offsets[tap], weights));
    const ScalerNeon<kForm> scaler[4] = {ScalerNeon<kForm>(scales, lane), ScalerNeon<kForm>(scales, lane + 4),
                                         ScalerNeon<kForm>(scales, lane + 8), ScalerNeon<kForm>(scales, lane + 12)};
    const int16x8_t low = NarrowNeon(scaler[0](acc[0]), scaler[1](acc[1]));
    const int16x8_t high = NarrowNeon(scaler[2](acc[2]), scaler[3](acc[3]));
    const size_t left = job.lanes - at;
    StoreBytesNeon(vminq_s8(vmaxq_s8(NarrowNeon(low, high), min), max), left >= 16 ? 16 : static_cast<int32_t>(left),
                   job.output[0] + at);
    if (++pattern == job.patterns) pattern = 0;
  }
}

template <bool kApart>
void Neon<kApart>::Rows(const DepthwiseRows<int8_t, int8_t>& job, int32_t) {
  WithScaleForm(job.scales->form, [&]<ScaleForm kForm>() { SumRow<kApart, kForm>(job); });
}

using Pairs = PackedDepthwise<Neon<false>>;
using Apart = PackedDepthwise<Neon<true>>;

// Whether products are added in pairs stands in the packed memory, behind the form of the scales.
int32_t& InPairs(void* packed) { return static_cast<int32_t*>(packed)[1]; }

// Both forms need the same memory, packed in the same way.
void Pack(const DepthwiseConv2DParams& p, const int8_t* filter, const int32_t* bias, void* packed) {
  Pairs::Pack(p, filter, bias, packed);
  const int64_t weights = int64_t{p.height.filter} * p.width.filter * p.input_depth;
  bool pairs = true;
  for (int64_t i = 0; i < weights; ++i) pairs = pairs && filter[i] != -128;
  InPairs(packed) = pairs ? 1 : 0;
}

void Run(const DepthwiseConv2DParams& p, const void* packed, const int8_t* input, void* scratch, int8_t* output) {
  if (static_cast<const int32_t*>(packed)[1] != 0) return Pairs::Run(p, packed, input, scratch, output);
  Apart::Run(p, packed, input, scratch, output);
}

}  // namespace

const PackedDepthwiseS8 kDepthwiseS8Neon = {Pairs::PackedBytes, Pairs::ScratchBytes, Pack, Run};

}  // namespace glimpse::kernels
