// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution by 3x3 filters with AVX2: the way that kDepthwiseS8Avx2 (depthwise_packed.h) has for them, with
// the life and the promises that stand there.
//
// The idea. Sixteen channels go along a row of output, and the input of one column is unpacked once, straight from its
// bytes: row by row to 16 bits, then two rows interleaved, so that one vpmaddwd takes two filter rows of a column. A
// column is the last one of an output, the middle one of the next and the first one of the one after: their sums stay
// in registers. With a stride of 1 two output rows look at four input rows, and the pairs of rows are the same for
// both: the weights of the second row stand one row further down. Unpacking and packing both work within 128 bits, and
// one undoes the order that the other leaves.
//
// Where the channels are an odd number of eights, eight channels of two such pairs of output rows go along together.
//
// Exactness. A pair of products is at most 2 * 128 * 128; sums wrap modulo 2^32 like those of the reference. What the
// zero point adds is taken off the bias. Rows of padding are written out as zero points; columns of it are left out,
// and what the zero point would have added there is added to the sum.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/depthwise_conv2d/depthwise_packed.h"

namespace glimpse::kernels {

// Whether the filter is 3x3 with a stride of 1 or 2, its padding at most one, and the channels are eights.
bool Is3x3Avx2(const DepthwiseConv2DParams& params);

// REQUIRES, of all: Is3x3Avx2(). 0: scales without a vector form.
size_t Depthwise3x3PackedBytesAvx2(const DepthwiseConv2DParams& params);
size_t Depthwise3x3ScratchBytesAvx2(const DepthwiseConv2DParams& params);
void Depthwise3x3PackAvx2(const DepthwiseConv2DParams& params, const int8_t* filter, const int32_t* bias, void* packed);
void Depthwise3x3RunAvx2(const DepthwiseConv2DParams& params, const void* packed, const int8_t* input, void* scratch,
                         int8_t* output);

}  // namespace glimpse::kernels
