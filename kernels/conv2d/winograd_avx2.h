// SPDX-License-Identifier: Apache-2.0
// winograd.h with AVX2: the other way that kConv2DS8Avx2 (conv2d_packed.h) has, with the life and the promises that
// stand there.
#pragma once

#include <cstddef>

#include "kernels/conv2d/winograd.h"

namespace glimpse::kernels {

// Whether it is exact and measured to be faster than the sums written out.
bool WinogradWinsAvx2(const Conv2DParams& params, const FilterView& filter);

// REQUIRES, of all: WinogradWinsAvx2() and WinogradPools().
size_t WinogradPackedBytesAvx2(const Conv2DParams& params);
size_t WinogradScratchBytesAvx2(const Conv2DParams& params);
void WinogradPackAvx2(const Conv2DParams& params, const FilterView& filter, const int32_t* bias, void* packed);
void WinogradRunAvx2(const Conv2DParams& params, const void* packed, const int8_t* input, void* scratch,
                     int8_t* output);

}  // namespace glimpse::kernels
