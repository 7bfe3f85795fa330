// SPDX-License-Identifier: Apache-2.0
// MAX_POOL_2D, AVERAGE_POOL_2D and L2_POOL_2D.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/window.h"

namespace glimpse::kernels {

struct Pool2DParams {
  int32_t batches = 1;
  WindowAxis height;  // dilation 1
  WindowAxis width;
  int32_t depth = 1;
  int32_t output_min = -128;  // the fused activation's range, for integers
  int32_t output_max = 127;
  float float_min = std::numeric_limits<float>::lowest();  // and for float
  float float_max = std::numeric_limits<float>::max();
};

// Shapes of all: input [batches, height.input, width.input, depth], output [batches, height.output, width.output,
// depth]; dense, last dimension fastest. Input and output have one scale and zero point, which are not needed.
// Preconditions: validated parameters; every window meets the input. Output overlaps no input. Cannot fail. Reentrant.
// T is int8_t, uint8_t, int16_t or float. Source: TFLite, kernels/internal/reference/pooling.h and
// kernels/internal/reference/integer_ops/pooling.h.

// out[n,y,x,c] = clamp(max of in[n,iy,ix,c] over the part of the window that lies on the input). A NaN in the window is
// passed over. Exactness: all TFLite runtimes, since nothing is rounded.
template <typename T>
void MaxPool2DRef(const Pool2DParams& params, const T* input, T* output);

// out[n,y,x,c] = clamp(mean of in[n,iy,ix,c] over the part of the window that lies on the input). Of integers the mean
// is rounded to nearest, ties away from zero; the sum is that of stored values, modulo 2^32: a shared zero point
// cancels out but for the direction of ties. Floats are added row by row, then divided. Exactness: LiteRT 2.3 and
// TFLite Micro; in float XNNPACK adds in another order.
template <typename T>
void AveragePool2DRef(const Pool2DParams& params, const T* input, T* output);

// out[n,y,x,c] = clamp(sqrt(mean of in[n,iy,ix,c]^2 over the part of the window that lies on the input)), squares added
// row by row. Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
void L2Pool2DF32Ref(const Pool2DParams& params, const float* input, float* output);

}  // namespace glimpse::kernels
