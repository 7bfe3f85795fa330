// SPDX-License-Identifier: Apache-2.0
// MAX_POOL_2D and AVERAGE_POOL_2D on int8.
#pragma once

#include <cstdint>

#include "kernels/window.h"

namespace glimpse::kernels {

struct Pool2DParams {
  int32_t batches = 1;
  WindowAxis height;  // dilation 1
  WindowAxis width;
  int32_t depth = 1;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
};

// out[n,y,x,c] = clamp(max of in[n,iy,ix,c] over the part of the window that lies on the input).
// Shapes: input [batches, height.input, width.input, depth], output [batches, height.output, width.output, depth];
// dense, last dimension fastest. Input and output have one scale and zero point, which are not needed. Preconditions:
// validated parameters; every window meets the input. Output overlaps no input. Cannot fail. Reentrant. Exactness: all
// TFLite runtimes, since nothing is rounded. Source: TFLite, kernels/internal/reference/integer_ops/pooling.h.
void MaxPool2DS8Ref(const Pool2DParams& params, const int8_t* input, int8_t* output);

// out[n,y,x,c] = clamp(mean of in[n,iy,ix,c] over the part of the window that lies on the input), the mean rounded to
// nearest, ties away from zero. The sum is that of stored values; a shared zero point cancels out but for the direction
// of ties. Shapes, preconditions and threads as above. A window of up to 2^31 elements cannot overflow. Exactness:
// LiteRT 2.3 with reference kernels and TFLite Micro. Source: TFLite, kernels/internal/reference/integer_ops/pooling.h.
void AveragePool2DS8Ref(const Pool2DParams& params, const int8_t* input, int8_t* output);

}  // namespace glimpse::kernels
