// SPDX-License-Identifier: Apache-2.0
// One pixel with AVX2 and weights of 8 bits: the way that kConv2DS8Avx2 (conv2d_packed.h) has where a row of
// activations meets a matrix, with the life and the promises that stand there. Such a product reads every weight once,
// so that the bytes of weights are what it costs: half of what vpmaddwd takes.
//
// Exactness. vpmaddubsw adds x0 * w0 + x1 * w1, x unsigned and w signed, and saturates at 16 bits. With x <= 255 it
// does not where the positive weights of a sum add up to at most 128 and the negative ones to at least -128: 255 * 128
// = 32,640. Where weights are small that holds for four of them, too, and such sums of two steps are added in 16 bits.
// A weight that breaks this stands in a second list of weights, beside zeros, which is worked off as well. x is the
// activation + 128; what that adds is taken off the bias, as in conv2d_avx512vnni.cc.
#pragma once

#include <cstddef>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// Whether there is one pixel of output, seen by a 1x1 filter, and scales have a form: this is for these functions or
// for those of row_words_avx2.h.
bool IsRow(const Conv2DParams& params);

// Of those, whether the second list is short.
bool RowWinsAvx2(const Conv2DParams& params, const FilterView& filter);

// REQUIRES, of all: IsRow() and RowWinsAvx2().
size_t RowPackedBytesAvx2(const Conv2DParams& params, const FilterView& filter);
size_t RowScratchBytesAvx2(const Conv2DParams& params);
void RowPackAvx2(const Conv2DParams& params, const FilterView& filter, const int32_t* bias, void* packed);
void RowRunAvx2(const Conv2DParams& params, const void* packed, const int8_t* input, void* scratch, int8_t* output);

}  // namespace glimpse::kernels
