// SPDX-License-Identifier: Apache-2.0
// 3x3 convolution with a stride of 2 in fewer multiplications, exactly, with AVX2: one of the ways of kConv2DS8Avx2
// (conv2d_packed.h), with the life and the promises that stand there.
//
// Formula, in one dimension: two outputs are made from five inputs d and three weights w,
//     y0 = d0 w0 + d1 w1 + d2 w2
//     y1 = d2 w0 + d3 w1 + d4 w2
// and d2 is multiplied by both outer weights. With s = d2 (w0 + w2) that is
//     y0 = (d0 - d2) w0 + d1 w1 + s
//     y1 = (d4 - d2) w2 + d3 w1 + s
// five products in place of six. In two dimensions, for 2x2 outputs from 5x5 inputs, 25 in place of 36. Products that
// go into the same outputs are added up at once, over all channels of input: along an axis those of y0 - s, those of
// y1 - s, and s; so there are nine sums S of 4, 2 or 1 products a channel, and
//     y[r][c] = S[r][c] + S[r][2] + S[2][c] + S[2][2].
// It is Winograd's F(2, 2) for the even inputs and the two outer weights; the odd inputs have one weight alone.
//
// Exactness. There is no division. Inputs are taken as they are stored, padding is written out as the zero point, and
// what the zero point adds is taken off the bias. Differences are within 255, and those of differences within 510;
// sums of four weights are within 512; so both fit 16 bits, and a pair of their products 32. All else is done modulo
// 2^32, like the sums of the reference: this is exact for any weights.
//
// Source of the idea: S. Winograd, Arithmetic Complexity of Computations, 1980.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// Whether the filter is 3x3 with a stride of 2, its depth a multiple of sixteen, and this is faster than the sum
// written out.
bool Stride2WinsAvx2(const Conv2DParams& params);

// REQUIRES, of all: Stride2WinsAvx2().
size_t Stride2PackedBytesAvx2(const Conv2DParams& params);
size_t Stride2ScratchBytesAvx2(const Conv2DParams& params);
void Stride2PackAvx2(const Conv2DParams& params, const FilterView& filter, const int32_t* bias, void* packed);
void Stride2RunAvx2(const Conv2DParams& params, const void* packed, const int8_t* input, void* scratch, int8_t* output);

}  // namespace glimpse::kernels
