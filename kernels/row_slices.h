// SPDX-License-Identifier: Apache-2.0
// A convolution in parts: some rows of its output, computed by the same packed kernel from the rows of input under
// them.
//
// A part is a smaller convolution with the same weights, so it needs nothing of the kernels but that they pack weights
// by what all parts have in common (WindowAxis::WholeOutput). Where its windows begin above the input it keeps the
// padding, where they begin inside, it has none; rows below its last window are not its own. Parts write different rows
// and read rows that overlap: they may be computed at once, each with scratch memory of its own. Only for one batch:
// the rows of several do not lie together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"
#include "kernels/depthwise_conv2d/depthwise_conv2d.h"
#include "kernels/window.h"

namespace glimpse::kernels {

template <typename Params>
struct RowSlice {
  Params params;
  size_t input_offset = 0;  // in elements, from the whole's first one
  size_t output_offset = 0;
};

// Outputs [first, first + count) of `whole` as an axis; `*begin` becomes the position of its first input in the
// whole's.
inline WindowAxis SliceAxis(const WindowAxis& whole, int32_t first, int32_t count, int32_t* begin) {
  const int32_t origin = first * whole.stride - whole.pad_before;
  *begin = std::max(origin, 0);
  WindowAxis axis = whole;
  axis.slice_of = whole.WholeOutput();
  axis.output = count;
  axis.pad_before = std::max(-origin, 0);
  const int32_t reach = (count - 1) * whole.stride + (whole.filter - 1) * whole.dilation + 1 - axis.pad_before;
  axis.input = std::min(whole.input - *begin, reach);
  return axis;
}

// Multiply-accumulates of the whole, padding included.
inline uint64_t MacsOf(const Conv2DParams& p) {
  return static_cast<uint64_t>(p.batches) * static_cast<uint64_t>(p.height.output) *
         static_cast<uint64_t>(p.width.output) * static_cast<uint64_t>(p.output_depth) *
         static_cast<uint64_t>(p.height.filter) * static_cast<uint64_t>(p.width.filter) *
         static_cast<uint64_t>(p.input_depth / p.groups);
}
inline uint64_t MacsOf(const DepthwiseConv2DParams& p) {
  return static_cast<uint64_t>(p.batches) * static_cast<uint64_t>(p.height.output) *
         static_cast<uint64_t>(p.width.output) * static_cast<uint64_t>(p.input_depth) *
         static_cast<uint64_t>(p.depth_multiplier) * static_cast<uint64_t>(p.height.filter) *
         static_cast<uint64_t>(p.width.filter);
}

// Rows of the output.
inline int32_t OutputRows(const Conv2DParams& p) { return OutputsOf(p).rows; }
inline int32_t OutputRows(const DepthwiseConv2DParams& p) { return p.height.output; }

// Rows [first, first + count) of the output, of the pool's where there is one. REQUIRES: they are there; one batch.
inline RowSlice<Conv2DParams> SliceRows(const Conv2DParams& whole, int32_t first, int32_t count) {
  RowSlice<Conv2DParams> slice{whole};
  int32_t top = first;
  int32_t rows = count;
  if (whole.pool) {
    const WindowAxis& pool = whole.pool->height;
    top = first * pool.stride;
    rows = std::min((count - 1) * pool.stride + pool.filter, whole.height.output - top);
    slice.params.pool->height.input = rows;
    slice.params.pool->height.output = count;
  }
  int32_t begin = 0;
  slice.params.height = SliceAxis(whole.height, top, rows, &begin);
  slice.input_offset =
      static_cast<size_t>(begin) * static_cast<size_t>(whole.width.input) * static_cast<size_t>(whole.input_depth);
  slice.output_offset = static_cast<size_t>(first) * static_cast<size_t>(OutputsOf(whole).columns) *
                        static_cast<size_t>(whole.output_depth);
  return slice;
}
inline RowSlice<DepthwiseConv2DParams> SliceRows(const DepthwiseConv2DParams& whole, int32_t first, int32_t count) {
  RowSlice<DepthwiseConv2DParams> slice{whole};
  int32_t begin = 0;
  slice.params.height = SliceAxis(whole.height, first, count, &begin);
  slice.input_offset =
      static_cast<size_t>(begin) * static_cast<size_t>(whole.width.input) * static_cast<size_t>(whole.input_depth);
  slice.output_offset = static_cast<size_t>(first) * static_cast<size_t>(whole.width.output) *
                        static_cast<size_t>(whole.input_depth) * static_cast<size_t>(whole.depth_multiplier);
  return slice;
}

}  // namespace glimpse::kernels
