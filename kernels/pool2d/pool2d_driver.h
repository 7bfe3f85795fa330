// SPDX-License-Identifier: Apache-2.0
// The loops over windows that the pooling kernels of all instruction sets share. A Reducer is a type with internal
// linkage (so that these functions get it too) with kStep, channels at a time, and
//     Reduce(window, channels, params, out)    `channels` <= kStep of one output pixel
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/pool2d/pool2d_simd.h"

namespace glimpse::kernels {

// The part of a window that lies on the input, from one channel on.
struct PoolWindow {
  const int8_t* first = nullptr;
  ptrdiff_t row = 0;    // bytes from one row of the input to the next
  ptrdiff_t pixel = 0;  // from one pixel to the next
  int32_t rows = 0;
  int32_t columns = 0;
};

template <typename Reducer>
struct PoolRange {
  int32_t first = 0;
  int32_t count = 0;

  // As RangeAt() of window.h, with dilation 1; here for its linkage.
  static PoolRange At(const WindowAxis& axis, int32_t o) {
    const int32_t origin = o * axis.stride - axis.pad_before;
    const int32_t begin = origin < 0 ? 0 : origin;
    const int32_t end = axis.filter < axis.input - origin ? origin + axis.filter : axis.input;
    return {begin, end - begin};
  }
};

template <typename Reducer>
void PoolAll(const Pool2DParams& p, const int8_t* input, int8_t* output) {
  PoolWindow window;
  window.pixel = p.depth;
  window.row = window.pixel * p.width.input;
  const ptrdiff_t image = window.row * p.height.input;
  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const auto rows = PoolRange<Reducer>::At(p.height, y);
      window.rows = rows.count;
      for (int32_t x = 0; x < p.width.output; ++x, output += p.depth) {
        const auto columns = PoolRange<Reducer>::At(p.width, x);
        window.columns = columns.count;
        window.first = input + rows.first * window.row + columns.first * window.pixel;
        for (int32_t c = 0; c < p.depth; c += Reducer::kStep, window.first += Reducer::kStep) {
          Reducer::Reduce(window, p.depth - c < Reducer::kStep ? p.depth - c : Reducer::kStep, p, output + c);
        }
      }
    }
  }
}

}  // namespace glimpse::kernels
