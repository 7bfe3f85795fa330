// SPDX-License-Identifier: Apache-2.0
// CONV_2D on int8 with weights packed once: the contract of the kernels written for one instruction set.
//
// They compute what Conv2DS8Ref (conv2d.h) computes, byte for byte, for every input and every accumulator, overflowing
// ones included: sums modulo 2^32 do not depend on their order, and the last step is one of the exact forms of
// kernels/quant/lane_scales.h. How: conv2d_driver.h.
//
// With params.pool they compute MAX_POOL_2D of that, and store its outputs alone. The largest sum of a window is scaled
// in place of all of them, which is the same where scaling is monotone: see PoolsBeforeScaling().
//
// Life: packed_bytes() says how much memory pack() needs, which it fills from constant weights; scratch_bytes() says
// what run() needs beside it; run() computes, any number of times. Packed and scratch memory are aligned to 64 bytes;
// the content of scratch is of no interest before or after. Nothing outside of the shapes is read or written. Cannot
// fail. Reentrant: several threads may share packed memory, each with a scratch of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

// Weights of output channel o at (fy, fx, c): data[o * output + fy * row + fx * column + c * channel].
struct FilterView {
  const int8_t* data = nullptr;
  ptrdiff_t output = 0;
  ptrdiff_t row = 0;
  ptrdiff_t column = 0;
  ptrdiff_t channel = 1;
};

struct PackedConv2DS8 {
  // 0: parameters that are not served: groups, scales without a vector form, a pool that is not served.
  size_t (*packed_bytes)(const Conv2DParams& params, const FilterView& filter);
  // `bias` has output_depth elements or is nullptr. params.linear.scales is read here and not in run().
  void (*pack)(const Conv2DParams& params, const FilterView& filter, const int32_t* bias, void* packed);
  size_t (*scratch_bytes)(const Conv2DParams& params, const void* packed);
  void (*run)(const Conv2DParams& params, const void* packed, const int8_t* input, void* scratch, int8_t* output);
};

// Whether scaling is monotone for all 2^32 sums, so that the largest of some sums gives the largest of their outputs: a
// positive scale and roundings are; a shift to the left modulo 2^32, and a result that leaves 32 bits, are not. True
// without a pool.
bool PoolsBeforeScaling(const Conv2DParams& params);

// Of a batch's image: pixels of the output, after the pool if there is one, that somebody reads and so are stored;
// from one row of them to the next, and from one image to the next, in pixels.
struct OutputExtent {
  int32_t rows = 0;
  int32_t columns = 0;
  int32_t pitch = 0;
  size_t image_pixels = 0;
};
OutputExtent OutputsOf(const Conv2DParams& params);

// Rows and columns of sums that these outputs need: fewer than there are where a pool drops a border.
struct SumsExtent {
  int32_t rows = 0;
  int32_t columns = 0;
};
SumsExtent SumsOf(const Conv2DParams& params);

// AVX2; 3x3 filters by winograd.h or stride2_avx2.h, single pixels by row_avx2.h, known channels by live_channels.h,
// where that pays.
extern const PackedConv2DS8 kConv2DS8Avx2;
// AVX-512 F, BW, VL and VNNI.
extern const PackedConv2DS8 kConv2DS8Avx512Vnni;
// NEON of every arm64; 3x3 filters by winograd.h where that is exact and faster.
extern const PackedConv2DS8 kConv2DS8Neon;
// sdot, which outruns winograd.h.
extern const PackedConv2DS8 kConv2DS8Dotprod;

}  // namespace glimpse::kernels
