// SPDX-License-Identifier: Apache-2.0
// MUL on int8 for one instruction set: the values of QuantizedRef (quantized.h), two tensors of one shape or rows of
// one times a row of the other. Products of centred values are within 255 * 255; they are scaled by one of the exact
// forms of kernels/quant/lane_scales.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/elementwise/quantized.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

struct MulS8 {
  int32_t zero_point1 = 0;
  int32_t zero_point2 = 0;
  LaneScales scales;  // the same in all lanes
};

// Bytes that PrepareMulS8 needs for the scales.
size_t MulS8Bytes();

// For validated parameters of MUL; `memory` is aligned to 64 bytes and must outlive `mul`. False for what is not
// served: another function or scheme.
bool PrepareMulS8(const QuantizedParams& params, void* memory, MulS8* mul);

// output[r][c] = input1[r][c] * input2[c] for r < rows, c < count; the output may be the memory of input1. Nothing else
// is read or written. Reentrant.
using RunMulS8 = void (*)(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2,
                          int8_t* output);
void RunMulS8Avx2(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2,
                  int8_t* output);
void RunMulS8Neon(const MulS8& mul, size_t rows, size_t count, const int8_t* input1, const int8_t* input2,
                  int8_t* output);

}  // namespace glimpse::kernels
