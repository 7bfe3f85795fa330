// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on int8 with weights packed once: the contract of the kernels written for one instruction set.
//
// They compute what DepthwiseConv2DS8Ref computes, byte for byte, for every input and every accumulator, overflowing
// ones included, for the same reasons as conv2d_packed.h; life, memory, threads and errors are as there too. How:
// depthwise_driver.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/depthwise_conv2d/depthwise_conv2d.h"

namespace glimpse::kernels {

struct PackedDepthwiseS8 {
  // 0: parameters that are not served: a depth multiplier that is not 1, scales without a vector form, weights that
  // would need too much memory.
  size_t (*packed_bytes)(const DepthwiseConv2DParams& params);
  size_t (*scratch_bytes)(const DepthwiseConv2DParams& params);
  // `filter` [1, height.filter, width.filter, input_depth]; `bias` has input_depth elements or is nullptr.
  // params.linear.scales is read here and not in run().
  void (*pack)(const DepthwiseConv2DParams& params, const int8_t* filter, const int32_t* bias, void* packed);
  void (*run)(const DepthwiseConv2DParams& params, const void* packed, const int8_t* input, void* scratch,
              int8_t* output);
};

// AVX2; 3x3 filters by depthwise3x3_avx2.h.
extern const PackedDepthwiseS8 kDepthwiseS8Avx2;
// AVX-512 F, BW, VL and VNNI.
extern const PackedDepthwiseS8 kDepthwiseS8Avx512Vnni;
// NEON of every arm64.
extern const PackedDepthwiseS8 kDepthwiseS8Neon;

}  // namespace glimpse::kernels
