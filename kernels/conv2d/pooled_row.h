// SPDX-License-Identifier: Apache-2.0
// MAX_POOL_2D behind a packed convolution (conv2d_driver.h): the largest sums of a row of windows, then their bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_window.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

template <typename Isa>
class PooledRow {
  using Element = typename Isa::Element;
  using Weight = typename Isa::Weight;

 public:
  // Windows of a pool whose sums the inner kernel takes at once.
  static int32_t WindowsAtOnce(const Conv2DParams& p, int32_t vectors) {
    const WindowAxis& width = p.pool->width;
    const int32_t pixels = Isa::MaxPixels(vectors);
    return pixels < width.filter ? 0 : (pixels - width.filter) / width.stride + 1;
  }

  // One row of pooled outputs of one panel, from `high` rows of sums whose windows begin at `in`.
  static void Run(const Conv2DParams& p, const SumLoops& loops, const LaneScales& scales, const Weight* weights,
                  int32_t vectors, int32_t lane, int32_t channels, const Element* in, int32_t high, int8_t* out) {
    alignas(64) int32_t tile[Isa::kMaxTile];
    alignas(64) int32_t pooled[kStrip * Isa::kMaxTile];
    const WindowAxis& pool = p.pool->width;
    const int32_t pixel = vectors * Isa::kLanes;
    const ptrdiff_t row_pitch = static_cast<ptrdiff_t>(StagedWindow<Isa>::RowElements(p)) * p.height.stride;
    const int32_t most = WindowsAtOnce(p, vectors);
    for (int32_t x = 0; x < pool.output;) {
      int32_t done = 0;
      if constexpr (kHasTwoByTwo) {
        const int32_t whole = Min(pool.output, p.width.output / 2) - x;
        if (high == 2 && pool.filter == 2 && pool.stride == 2 && whole > 0) {
          done = Min(whole, kStrip * Isa::kMaxTile / pixel);
          Isa::LargestOfTwoByTwo(vectors, done, loops, in + 2 * x * loops.pixel_pitch, row_pitch, weights,
                                 scales.bias + lane, pooled);
          x += done;
        }
      }
      for (int32_t group = 0; group < kStrip && done <= (kStrip - 1) * most && x < pool.output; ++group) {
        const int32_t windows = Min(most, pool.output - x);
        const int32_t left = x * pool.stride;
        const int32_t count = Min((windows - 1) * pool.stride + pool.filter, p.width.output - left);
        for (int32_t row = 0; row < high; ++row) {
          Isa::Accumulate(vectors, count, loops, in + row * row_pitch + left * loops.pixel_pitch, weights,
                          scales.bias + lane, tile);
          for (int32_t w = 0; w < windows; ++w) {
            const int32_t first = w * pool.stride;
            TakeLargest(vectors, tile + first * pixel, Min(pool.filter, count - first), row == 0,
                        pooled + (done + w) * pixel);
          }
        }
        done += windows;
        x += windows;
      }
      Isa::Finish(vectors, scales, lane, pooled, done, channels, out, p.output_depth);
      out += static_cast<ptrdiff_t>(done) * p.output_depth;
    }
  }

 private:
  static constexpr int32_t kStrip = 4;  // groups of windows between two calls of Finish

  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }

  typedef int32_t Sums __attribute__((vector_size(Isa::kLanes * sizeof(int32_t))));  // NOLINT: no alias for GCC 12
  static_assert(sizeof(Sums) == Isa::kLanes * sizeof(int32_t));

  static Sums SumsAt(const int32_t* from) {
    Sums sums;
    __builtin_memcpy(&sums, from, sizeof(sums));
    return sums;
  }

  // One window of `pixels` neighbouring pixels of a tile, taken into `to`, which `begins` with it or holds other rows.
  static void TakeLargest(int32_t vectors, const int32_t* tile, int32_t pixels, bool begins, int32_t* to) {
    for (int32_t at = 0; at < vectors * Isa::kLanes; at += Isa::kLanes) {
      Sums largest = SumsAt(begins ? tile + at : to + at);
      for (int32_t i = begins ? 1 : 0; i < pixels; ++i) {
        const Sums sums = SumsAt(tile + i * vectors * Isa::kLanes + at);
        largest = sums > largest ? sums : largest;
      }
      __builtin_memcpy(to + at, &largest, sizeof(largest));
    }
  }

  static constexpr bool kHasTwoByTwo = requires { &Isa::LargestOfTwoByTwo; };
};

}  // namespace glimpse::kernels
