// SPDX-License-Identifier: Apache-2.0
// CONCATENATION and PACK: puts tensors side by side.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// Copies one part of a joined tensor: seen from the joined dimension, the part is `outer` runs of `run_bytes` bytes,
// which go to distance `output_stride_bytes` from each other, the first to `output`. Preconditions: memory of these
// sizes; output overlaps no input. Cannot fail. Reentrant.
void CopyRunsRef(size_t outer, size_t run_bytes, size_t output_stride_bytes, const void* input, void* output);

// From one scale and zero point to another, in float32: scale = input scale * (1 / output scale), bias = -input zero
// point * scale, each operation rounded.
struct RescaleParams {
  float scale = 1;
  float bias = 0;
  int32_t zero_point = 0;  // of the output
};

// REQUIRES: positive finite scales, zero points 0 to 255.
RescaleParams MakeRescale(float input_scale, int32_t input_zero_point, float output_scale, int32_t output_zero_point);

// CopyRunsRef of uint8 that rescales: out = clamp(round(in * scale + bias) + zero point, 0, 255), product and sum each
// rounded to float32, halves rounded away from zero; what leaves int32 counts as -2^31. Source: TFLite,
// kernels/internal/reference/concatenation.h, ConcatenationWithScaling.
void RescaleRunsRef(const RescaleParams& params, size_t outer, size_t run_bytes, size_t output_stride_bytes,
                    const uint8_t* input, uint8_t* output);

}  // namespace glimpse::kernels
