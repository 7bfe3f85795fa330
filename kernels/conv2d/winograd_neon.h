// SPDX-License-Identifier: Apache-2.0
// winograd.h with NEON: the other way that kConv2DS8Neon (conv2d_packed.h) has, with the life and the promises that
// stand there.
#pragma once

#include <cstddef>

#include "kernels/conv2d/winograd.h"

namespace glimpse::kernels {

// Whether it is exact and estimated to be faster than the sums written out.
bool WinogradWinsNeon(const Conv2DParams& params, const FilterView& filter);

// REQUIRES, of all: WinogradWinsNeon() and WinogradPools().
size_t WinogradPackedBytesNeon(const Conv2DParams& params);
size_t WinogradScratchBytesNeon(const Conv2DParams& params);
void WinogradPackNeon(const Conv2DParams& params, const FilterView& filter, const int32_t* bias, void* packed);
void WinogradRunNeon(const Conv2DParams& params, const void* packed, const int8_t* input, void* scratch,
                     int8_t* output);

}  // namespace glimpse::kernels
