// SPDX-License-Identifier: Apache-2.0
// Convolution by winograd.h, what all instruction sets share. Tiles (winograd_tiles.h) go through in blocks of at most
// Isa::kBlock: their inputs are transformed, which gives a matrix [tile][channel] for each of 36 points; each is
// multiplied by the matrix of transformed weights of its point; sums are transformed back (winograd_transforms.h), and
// pooled if asked for. Input is staged a band of tile rows at a time, centred and with its padding written out.
//
// An instruction set is a type with internal linkage (so that every function here gets it too), which has
//     Words, Sums, SignedSums    the compiler's vectors of int16_t, uint32_t (modulo 2^32) and int32_t
//     kWrittenOut            whether a tile's transforms are written out: there are registers enough
//     kBlock                 tiles that go through at once, at most: their products should fit the first cache
//     kPanel                 output channels of a panel, a multiple of a vector's sums
//     kGranule               input channels whose weights of one lane lie together
//     kLanes, PanelChannel(lane)     as in conv2d_driver.h, of one panel
//     StageCentred(from, count, zero_point, to)
//     Multiply(product)      see WinogradProduct
//     Store(scales, lane, tile, runs, count, channels, pitch)    as Finish there, of `count` PixelRuns
// and may have
//     RefineLane(scales, lane, scale, linear, pixels)    after each SetLane
//     ProveTimes(scales, lane, panel_scales, linear, pixels)    gives the panel's lanes, from `lane` on, a last step
//     for sums kWinogradTimes as large; false: there is none. panel_scales[kPanel], nullptr without a channel
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/winograd_store.h"
#include "kernels/conv2d/winograd_tiles.h"
#include "kernels/conv2d/winograd_transforms.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

namespace {

// sums[point][tile][kPanel] = in[point][tile][depth] * weights[point][depth][kPanel] for a rectangle of the 6x6 points,
// `tiles` of a block of at most kBlock, and one panel.
template <int32_t kBlock>
struct WinogradProduct {
  int32_t rows;  // of points
  int32_t columns;
  int32_t tiles;
  size_t depth;
  const int16_t* in;  // those of its first point
  const int16_t* weights;
  int32_t* sums;

  // The same of the point in row y and column x of the rectangle.
  const int16_t* InAt(int32_t y, int32_t x) const { return in + Point(y, x) * static_cast<size_t>(kBlock) * depth; }
  const int16_t* WeightsAt(int32_t y, int32_t x, int32_t panel) const {
    return weights + Point(y, x) * static_cast<size_t>(panel) * depth;
  }
  int32_t* SumsAt(int32_t y, int32_t x, int32_t panel) const {
    return sums + Point(y, x) * static_cast<size_t>(kBlock) * static_cast<size_t>(panel);
  }

 private:
  static size_t Point(int32_t y, int32_t x) { return static_cast<size_t>(y) * 6 + static_cast<size_t>(x); }
};

}  // namespace

// A pool has windows of 2 or 4, as wide as its stride: they divide the tiles.
template <typename Isa>
class WinogradConvolution {
  using Transforms = WinogradTransforms<Isa>;
  using P = Conv2DParams;

 public:
  // The tiles of an image.
  static WinogradTiles Tiles(const P& p) {
    const SumsExtent live = SumsOf(p);
    return {WinogradAxis::Of(live.rows), WinogradAxis::Of(live.columns)};
  }

  static size_t PackedBytes(const P& p) {
    const int32_t lanes = Lanes(p);
    return WeightsAt(lanes) + Size(kPoints) * Size(lanes) * Size(p.input_depth) * sizeof(int16_t);
  }

  static size_t ScratchBytes(const P& p) {
    return StagedBytes(GeometryOf(p)) + Aligned(InputBytes(p)) +
           Size(kPoints) * Isa::kBlock * Isa::kPanel * sizeof(int32_t);
  }

  static void Pack(const P& p, const FilterView& filter, const int32_t* bias, void* memory) {
    *static_cast<ScaleForm*>(memory) = ChooseScaleForm(p.linear, p.output_depth);
    const Packed packed = PackedIn(p, memory);
    for (int32_t panel = 0; panel * Isa::kPanel < p.output_depth; ++panel) {
      SetScales(p, packed, panel, filter, bias);
    }
    for (int32_t lane = 0; lane < Lanes(p); ++lane) {
      const int32_t o = ChannelOf(lane);
      // [panel][point][granule of channels][lane][channel]
      const size_t matrix = Isa::kPanel * Size(p.input_depth);
      int16_t* const to =
          packed.weights + Size(lane / Isa::kPanel) * kPoints * matrix + Size(lane % Isa::kPanel) * Isa::kGranule;
      for (int32_t first = 0; first < p.input_depth; first += kWinogradChannels) {
        int16_t transformed[kPoints][kWinogradChannels] = {};
        if (o < p.output_depth) TransformWeights(filter, o, first, transformed);
        for (size_t point = 0; point < kPoints; ++point) {
          for (int32_t c = 0; c < kWinogradChannels; c += Isa::kGranule) {
            __builtin_memcpy(to + point * matrix + Size(first + c) * Isa::kPanel, transformed[point] + c,
                             Isa::kGranule * sizeof(int16_t));
          }
        }
      }
    }
  }

  static void Run(const P& p, const void* memory, const int8_t* input, void* scratch, int8_t* output) {
    const Geometry g = GeometryOf(p);
    Image image{p, PackedIn(p, const_cast<void*>(memory)), output};
    Buffers buffers;
    buffers.staged = static_cast<int16_t*>(scratch);
    buffers.points = reinterpret_cast<int16_t*>(static_cast<uint8_t*>(scratch) + StagedBytes(g));
    buffers.sums = reinterpret_cast<int32_t*>(reinterpret_cast<uint8_t*>(buffers.points) + Aligned(InputBytes(p)));
    const OutputExtent result = OutputsOf(p);
    for (int32_t n = 0; n < p.batches; ++n) {
      for (int32_t tile_row = 0; tile_row < g.rows.tiles(); tile_row += g.band) {
        const bool last = tile_row + g.band >= g.rows.tiles();
        const WinogradAxis rows{Min(g.band, g.rows.whole - tile_row), last ? g.rows.edge : 0};
        const int32_t top = tile_row * 4;
        for (int32_t i = 0; i < rows.outputs() + 2; ++i) {
          StageRow(p, g.row_elements, input, top + i - p.height.pad_before, buffers.staged + Size(i) * g.row_elements);
        }
        const WinogradTiles tiles(rows, g.columns);
        for (int32_t first = 0; first < tiles.count(); first += Isa::kBlock) {
          RunBlock(image, g.row_elements, tiles, {first, Min(Isa::kBlock, tiles.count() - first)}, top, buffers);
        }
      }
      input += Size(p.height.input) * Size(p.width.input) * Size(p.input_depth);
      image.output += result.image_pixels * Size(p.output_depth);
    }
  }

 private:
  static constexpr int32_t kPoints = 36;
  static constexpr size_t kHeader = 64;
  static constexpr size_t kStagedBytes = 48 << 10;

  struct Geometry {
    WinogradAxis rows;
    WinogradAxis columns;
    size_t row_elements;  // of a staged row
    int32_t band;         // tile rows staged at once
  };
  struct Packed {
    LaneScales scales;
    uint8_t* times;  // of each panel, whether its bias and its scales are for sums kWinogradTimes as large
    int16_t* weights;
  };
  struct Image {
    const P& p;
    Packed packed;
    int8_t* output;
  };
  struct Buffers {
    int16_t* staged;
    int16_t* points;
    int32_t* sums;
  };

  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }
  static constexpr size_t Aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

  static int32_t Lanes(const P& p) { return (p.output_depth + Isa::kPanel - 1) / Isa::kPanel * Isa::kPanel; }
  static Geometry GeometryOf(const P& p) {
    const SumsExtent live = SumsOf(p);
    Geometry g{};
    g.rows = WinogradAxis::Of(live.rows);
    g.columns = WinogradAxis::Of(live.columns);
    g.row_elements = Size(g.columns.outputs() + 2) * Size(p.input_depth);
    const auto rows = static_cast<int32_t>(kStagedBytes / (g.row_elements * sizeof(int16_t)) / 4);
    g.band = Min(rows < 2 ? 2 : rows, g.rows.tiles());
    return g;
  }
  static size_t StagedBytes(const Geometry& g) {
    return Aligned((Size(g.band) * 4 + 2) * g.row_elements * sizeof(int16_t));
  }
  static size_t InputBytes(const P& p) { return Size(kPoints) * Isa::kBlock * Size(p.input_depth) * sizeof(int16_t); }
  static Packed PackedIn(const P& p, void* memory) {
    const int32_t lanes = Lanes(p);
    auto* const at = static_cast<uint8_t*>(memory);
    return {MapLaneScales(p.linear, *static_cast<ScaleForm*>(memory), lanes, at + kHeader),
            at + kHeader + LaneScalesBytes(lanes), reinterpret_cast<int16_t*>(at + WeightsAt(lanes))};
  }
  static size_t WeightsAt(int32_t lanes) {
    return kHeader + LaneScalesBytes(lanes) + Aligned(Size(lanes / Isa::kPanel));
  }
  static int32_t ChannelOf(int32_t lane) {
    return lane / Isa::kPanel * Isa::kPanel + Isa::PanelChannel(lane % Isa::kPanel);
  }

  static void SetScales(const P& p, const Packed& packed, int32_t panel, const FilterView& filter,
                        const int32_t* bias) {
    const int64_t pixels = int64_t{p.batches} * p.height.output * p.width.output;
    const int32_t first = panel * Isa::kPanel;
    const OutputScale* scales[Isa::kPanel];
    bool fits = true;
    for (int32_t i = 0; i < Isa::kPanel; ++i) {
      const int32_t o = ChannelOf(first + i);
      const bool real = o < p.output_depth;
      const int32_t start = real && bias != nullptr ? bias[o] : 0;
      scales[i] = real ? p.linear.scales + o : nullptr;
      SetLane(packed.scales, first + i, Isa::kLanes, scales[i], start);
      const int64_t magnitude = start < 0 ? -int64_t{start} : start;
      fits = fits && (!real || (LargestSum(p, filter, o) + magnitude) * kWinogradTimes <= INT32_MAX);
    }
    packed.times[panel] = 0;
    if constexpr (Transforms::kHasTimes) {
      if (fits && Isa::ProveTimes(packed.scales, first, scales, p.linear, pixels)) {
        packed.times[panel] = 1;
        for (int32_t i = 0; i < Isa::kPanel; ++i) packed.scales.bias[first + i] *= kWinogradTimes;
        return;
      }
    }
    if constexpr (requires { Isa::RefineLane(packed.scales, first, scales[0], p.linear, pixels); }) {
      for (int32_t i = 0; i < Isa::kPanel; ++i) {
        Isa::RefineLane(packed.scales, first + i, scales[i], p.linear, pixels);
      }
    }
  }

  // Staged row `to` of input row `row`, whose first column is -pad_before.
  static void StageRow(const P& p, size_t elements, const int8_t* input, int32_t row, int16_t* to) {
    const int16_t* const end = to + elements;
    if (row >= 0 && row < p.height.input) {
      for (size_t i = 0; i < Size(p.width.pad_before) * Size(p.input_depth); ++i) *to++ = 0;
      const size_t room = Size(end - to);
      const size_t all = Size(p.width.input) * Size(p.input_depth);
      const size_t count = all < room ? all : room;
      Isa::StageCentred(input + Size(row) * all, count, p.linear.input_zero_point, to);
      to += count;
    }
    while (to < end) *to++ = 0;
  }

  // Some tiles of a band whose first output is in row `top` of the image.
  static void RunBlock(const Image& image, size_t row_elements, const WinogradTiles& tiles, TileRange block,
                       int32_t top, const Buffers& buffers) {
    const P& p = image.p;
    const size_t depth = Size(p.input_depth);
    WinogradTile tile_of[Isa::kBlock];
    for (int32_t t = 0; t < block.count; ++t) {
      const WinogradTile& tile = tile_of[t] = tiles.At(block.first + t);
      const int16_t* in = buffers.staged + Size(tile.top) * row_elements + Size(tile.left) * depth;
      Transforms::kInput[tile.rows - 2][tile.columns - 2](in, row_elements, depth, buffers.points + Size(t) * depth,
                                                          Isa::kBlock * depth);
    }
    WinogradStore<Isa> store(p, image.packed.scales, image.output);
    for (int32_t panel = 0; panel * Isa::kPanel < p.output_depth; ++panel) {
      MultiplyPanel(image, panel, tiles, block, buffers);
      store.Begin(panel, image.packed.times[panel] != 0);
      for (int32_t t = 0; t < block.count; ++t) {
        WinogradTile tile = tile_of[t];
        tile.top += top;
        store.Take(tile, buffers.sums + Size(t) * Isa::kPanel);
      }
      store.Flush();
    }
  }

  static void MultiplyPanel(const Image& image, int32_t panel, const WinogradTiles& tiles, TileRange block,
                            const Buffers& buffers) {
    const size_t depth = Size(image.p.input_depth);
    ForEachRectangle(tiles, block, [&](const PointRectangle& points, TileRange range) {
      const size_t point = Size(points.top) * 6 + Size(points.left);
      const size_t at = point * Isa::kBlock + Size(range.first - block.first);
      WinogradProduct<Isa::kBlock> product;
      product.rows = points.rows;
      product.columns = points.columns;
      product.tiles = range.count;
      product.depth = depth;
      product.in = buffers.points + at * depth;
      product.weights = image.packed.weights + (Size(panel) * kPoints + point) * Isa::kPanel * depth;
      product.sums = buffers.sums + at * Isa::kPanel;
      Isa::Multiply(product);
    });
  }
};

}  // namespace glimpse::kernels
