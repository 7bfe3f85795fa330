// SPDX-License-Identifier: Apache-2.0
// RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// Sizes along height or width, all >= 1 and at most kMaxResizeSize.
struct ResizeAxis {
  int32_t input = 1;
  int32_t output = 1;
};
inline constexpr int32_t kMaxResizeSize = 1 << 20;  // positions * 2^10 fit into int32

// Shapes of all: input [batches, height.input, width.input, depth], output [batches, height.output, width.output,
// depth]; dense, last dimension fastest. Preconditions: validated parameters. Output overlaps no input. Cannot fail.
// Reentrant.
struct ResizeParams {
  int32_t batches = 1;
  ResizeAxis height;
  ResizeAxis width;
  int32_t depth = 1;
  bool align_corners = false;       // the corners of input and output coincide: (input - 1) / (output - 1) per position
  bool half_pixel_centers = false;  // a position stands for its middle
};

// Where an output position looks, for RESIZE_NEAREST_NEIGHBOR: position (o + 0.5 or o) * scale in float, rounded down,
// with align_corners to nearest (ties away from zero), at most input - 1. Source: TFLite,
// kernels/internal/reference/resize_nearest_neighbor.h.
int32_t NearestPosition(const ResizeParams& params, const ResizeAxis& axis, int32_t o);
// The same as LiteRT's optimised kernel for uint8 without options has it: (o * ((input << 16) / output + 1)) >> 16, at
// most input - 1. Source: kernels/internal/optimized/optimized_ops.h. input < 2^15.
int32_t NearestPositionFixed(const ResizeAxis& axis, int32_t o);

// Copies pixels of `pixel_bytes` from the nearest position. Exactness: every profile.
void ResizeNearestRef(const ResizeParams& params, size_t pixel_bytes, bool fixed_point, const void* input,
                      void* output);

// Bilinear in float: with y = o * scale ((o + 0.5) * scale - 0.5 for half pixels), y0 = max(floor(y), 0), y1 =
// min(ceil(y), input - 1), x the same; out = in[y0,x0] * (1 - (y - y0)) * (1 - (x - x0)) + in[y1,x0] * (y - y0) * (1 -
// (x - x0)) + in[y0,x1] * (1 - (y - y0)) * (x - x0) + in[y1,x1] * (y - y0) * (x - x0), in this order, for uint8 plus
// 0.5 and cut to an integer. T is float or uint8_t. Exactness: LiteRT 2.3 with reference kernels, float also TFLite
// Micro. Source: TFLite, kernels/internal/reference/resize_bilinear.h.
template <typename T>
void ResizeBilinearRef(const ResizeParams& params, const T* input, T* output);

// Bilinear in fixed point: the scale is round(2^10 * input / output), positions have 10 bits behind the point, the sum
// of the four products 20, rounded to nearest, ties away from zero. T is int8_t or int16_t. REQUIRES
// FitsInteger(params). Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source: as above.
template <typename T>
void ResizeBilinearIntegerRef(const ResizeParams& params, const T* input, T* output);
// Whether all positions of the above lie on the input: for some sizes its scale is rounded up so far that they do not.
bool FitsInteger(const ResizeParams& params);

// Bilinear as XNNPACK has it for 8 bits: positions in float, cut to [0, input - 1], weights rint(2^11 * fraction), the
// result (t * 2^11 + (b - t) * wy + 2^21) >> 22 with t = in[y0,x0] * 2^11 + (in[y0,x1] - in[y0,x0]) * wx, b the same in
// row y1. T is int8_t or uint8_t. Source: XNNPACK, src/indirection.c and src/s8-ibilinear.
template <typename T>
void ResizeBilinearXnnpackRef(const ResizeParams& params, const T* input, T* output);

}  // namespace glimpse::kernels
