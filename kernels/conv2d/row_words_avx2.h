// SPDX-License-Identifier: Apache-2.0
// One pixel with AVX2 and weights of 8 bits, like row_avx2.h, for the weights that are not for that one: bytes are
// widened to words on the way, so that vpmaddwd takes them, whatever they are. That is more to do than with words from
// memory, but half as much to read, and such a product waits for its weights.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// REQUIRES, of all: IsRow().
size_t RowWordsPackedBytesAvx2(const Conv2DParams& params);
size_t RowWordsScratchBytesAvx2(const Conv2DParams& params);
void RowWordsPackAvx2(const Conv2DParams& params, const FilterView& filter, const int32_t* bias, void* packed);
void RowWordsRunAvx2(const Conv2DParams& params, const void* packed, const int8_t* input, void* scratch,
                     int8_t* output);

}  // namespace glimpse::kernels
