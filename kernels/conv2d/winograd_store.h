// SPDX-License-Identifier: Apache-2.0
// The way out of winograd_driver.h: sums of tiles back to outputs, pooled if asked for, scaled and stored.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/winograd_tiles.h"
#include "kernels/conv2d/winograd_transforms.h"
#include "kernels/quant/lane_scales.h"
#include "kernels/quant/pixel_run.h"

namespace glimpse::kernels {

// Gathers pixels of the outputs, pooled if asked for, and stores many at once: what scaling needs is loaded once
// then.
template <typename Isa>
class WinogradStore {
  using Transforms = WinogradTransforms<Isa>;

 public:
  WinogradStore(const Conv2DParams& params, const LaneScales& scales, int8_t* output)
      : p_(params),
        scales_(scales),
        output_(output),
        live_(OutputsOf(params)),
        shift_y_(params.pool && params.pool->height.stride == 4 ? 2 : 1),
        shift_x_(params.pool && params.pool->width.stride == 4 ? 2 : 1) {}

  // `times`: the sums and their bias are kWinogradTimes what they should be, and the scales know it.
  void Begin(int32_t panel, bool times) {
    panel_ = panel;
    times_ = times;
  }

  // The tile whose sums are at `sums`.
  void Take(const WinogradTile& tile, const int32_t* sums) {
    if (count_ + kTile > kPixels) Flush();
    const int32_t* const bias = scales_.bias + panel_ * Isa::kPanel;
    int32_t* const to = pixels_ + count_ * Isa::kPanel;
    if (!p_.pool) {
      Transforms::BackOf(tile.rows, tile.columns, false, times_)(sums, bias, to);
      AddRuns(tile.top, tile.left, tile.rows, tile.columns);
      return;
    }
    const WindowAxis& height = p_.pool->height;
    const WindowAxis& width = p_.pool->width;
    // Rows and columns beyond the end belong to no window.
    const int32_t rows = Min(tile.rows, p_.height.output - tile.top);
    const int32_t columns = Min(tile.columns, p_.width.output - tile.left);
    const auto back = Transforms::BackOf(tile.rows, tile.columns, true, times_);
    if (height.filter == 2 && width.filter == 2 && rows == tile.rows && columns == tile.columns && back != nullptr) {
      back(sums, bias, to);
    } else {
      PoolTile(tile, rows, columns, sums, bias, to);
    }
    AddRuns(tile.top >> shift_y_, tile.left >> shift_x_, (rows + height.stride - 1) >> shift_y_,
            (columns + width.stride - 1) >> shift_x_);
  }

  void Flush() {
    const int32_t channels = Min(Isa::kPanel, p_.output_depth - panel_ * Isa::kPanel);
    Isa::Store(scales_, panel_ * Isa::kPanel, pixels_, run_, runs_, channels, p_.output_depth);
    count_ = 0;
    runs_ = 0;
  }

 private:
  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }
  static constexpr int32_t kTile = 16;
  static constexpr int32_t kPixels = 2 * kTile;

  // Windows of any kind in the first rows x columns outputs of a tile.
  void PoolTile(const WinogradTile& tile, int32_t rows, int32_t columns, const int32_t* sums, const int32_t* bias,
                int32_t* to) const {
    alignas(64) int32_t unpooled[kTile * Isa::kPanel];
    Transforms::BackOf(tile.rows, tile.columns, false, times_)(sums, bias, unpooled);
    const WindowAxis& height = p_.pool->height;
    const WindowAxis& width = p_.pool->width;
    for (int32_t y = 0; y < rows; y += height.stride) {
      for (int32_t x = 0; x < columns; x += width.stride, to += Isa::kPanel) {
        Transforms::Largest(unpooled + Size(y * tile.columns + x) * Isa::kPanel, Min(height.filter, rows - y),
                            Min(width.filter, columns - x), tile.columns, to);
      }
    }
  }

  // The next rows x columns pixels, without those beyond the end: an edge of an odd size is computed with one output
  // too many, and windows of a pool may be cut off.
  void AddRuns(int32_t top, int32_t left, int32_t rows, int32_t columns) {
    const int32_t stored_rows = Min(rows, live_.rows - top);
    const int32_t stored_columns = Min(columns, live_.columns - left);
    const size_t depth = Size(p_.output_depth);
    int8_t* to = output_ + (Size(top) * Size(live_.pitch) + Size(left)) * depth + panel_ * Isa::kPanel;
    for (int32_t y = 0; y < stored_rows; ++y, to += Size(live_.pitch) * depth) {
      run_[runs_++] = {to, count_ + y * columns, stored_columns};
    }
    count_ += rows * columns;
  }

  const Conv2DParams& p_;
  const LaneScales& scales_;
  int8_t* output_;
  OutputExtent live_;
  int32_t shift_y_;  // the pool's stride as a shift
  int32_t shift_x_;
  int32_t panel_ = 0;
  bool times_ = false;
  int32_t count_ = 0;  // of pixels
  int32_t runs_ = 0;
  PixelRun run_[kPixels];
  alignas(64) int32_t pixels_[kPixels * Isa::kPanel];
};

}  // namespace glimpse::kernels
