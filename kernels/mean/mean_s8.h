// SPDX-License-Identifier: Apache-2.0
// MEAN on int8 over neighbouring dimensions, the last one not among them, for one instruction set: the values of
// MeanQuantizedRef and SumQuantizedXnnpackRef. Sums are exact modulo 2^32; they are scaled by an exact form of
// kernels/quant/lane_scales.h, or in float as XNNPACK does it, operation by operation.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/mean/mean.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

struct MeanS8 {
  // The input as [outer, reduced, inner]; the output has [outer, inner].
  size_t outer = 1;
  size_t reduced = 1;
  size_t inner = 1;
  bool xnnpack = false;
  int32_t offset = 0;  // reduced * zero_point, modulo 2^32
  float scale = 1;     // with `bias` XNNPACK's
  float bias = 0;
  LaneScales scales;  // the same in all lanes
};

// Bytes that PrepareMeanS8 needs for the scales.
size_t MeanS8Bytes();

// For validated parameters of MEAN; `memory` is aligned to 64 bytes and must outlive `mean`. False for what is not
// served: dimensions apart from each other, the last one, no elements.
bool PrepareMeanS8(const ReduceShape& shape, const QuantizedReduceParams& params, bool xnnpack, void* memory,
                   MeanS8* mean);

// Nothing outside of the shapes is read or written. Reentrant.
using RunMeanS8 = void (*)(const MeanS8& mean, const int8_t* input, int8_t* output);
void RunMeanS8Avx2(const MeanS8& mean, const int8_t* input, int8_t* output);
void RunMeanS8Neon(const MeanS8& mean, const int8_t* input, int8_t* output);

}  // namespace glimpse::kernels
