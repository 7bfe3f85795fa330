// SPDX-License-Identifier: Apache-2.0
// Convolution of the output channels that depend on the input alone: pruned networks have many that do not.
//
// The idea. Inputs minus their zero point lie in [-128 - zp, 127 - zp], padding counts as 0, which lies there too. So
// the sum of an output channel lies between a least and a largest number that its weights and its bias give. Scaling
// and the clamp keep the order of sums. Where both ends become the same byte, every input gives that byte, and there is
// nothing to multiply: the convolution of the other channels is computed, and its pixels (pooled, where a pool follows)
// are spread out between the bytes that are known. Only where neither end leaves int32, so that nothing wraps.
//
// This is a way that the kernels of an instruction set have on top of their others, with the life and the promises of
// conv2d_packed.h; `inner` are the others.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// Where the bytes of sixteen output channels come from.
struct SpreadGroup {
  int8_t constants[16];  // the byte where it is known, else 0
  int8_t positions[16];  // in [0, 16) behind `first`; -1 where the byte is known, or there is no channel
  int32_t first;         // live channels before this group
};

// What spreads live channels out: `live` has pixels * live_depth bytes, of which the last may be followed by sixteen
// that are read in vain; groups cover `depth` channels of `output`.
using SpreadFunction = void (*)(const SpreadGroup* groups, const int8_t* live, size_t pixels, int32_t live_depth,
                                int32_t depth, int8_t* output);

// Whether so many channels may be known, whatever their bias, that it pays to look closer.
bool MayHaveKnownChannels(const Conv2DParams& params, const FilterView& filter);

// REQUIRES, of all: MayHaveKnownChannels(). The first kLiveHeader bytes of the packed memory are left to the caller.
inline constexpr size_t kLiveHeader = 64;
size_t LivePackedBytes(const PackedConv2DS8& inner, const Conv2DParams& params, const FilterView& filter);
void LivePack(const PackedConv2DS8& inner, const Conv2DParams& params, const FilterView& filter, const int32_t* bias,
              void* packed);
size_t LiveScratchBytes(const PackedConv2DS8& inner, const Conv2DParams& params, const void* packed);
void LiveRun(const PackedConv2DS8& inner, SpreadFunction spread, const Conv2DParams& params, const void* packed,
             const int8_t* input, void* scratch, int8_t* output);

}  // namespace glimpse::kernels
