// SPDX-License-Identifier: Apache-2.0
// Convolution by winograd.h, what all instruction sets share. Tiles of 4x4 outputs go through in blocks of at most
// kBlock: their 6x6 inputs are transformed, which gives 36 matrices [tile][channel]; each is multiplied by the matrix
// of transformed weights of its point; sums are transformed back. Input is staged a band of tile rows at a time,
// centred and with its padding written out.
//
// An instruction set is a type with internal linkage (so that every function here gets it too), which has
//     Words, kWords, LoadWords, StoreWords, Add, Sub, Twice, FourTimes      vectors of 16-bit numbers
//     Sums, kSums, LoadSums, StoreSums, Add, Sub, Twice, FourTimes          and of 32-bit ones, modulo 2^32
//     TimesInverse(sums, inverse)    product modulo 2^32, shifted to the right by 6
//     kPanel                 output channels of a panel, a multiple of kSums
//     kGranule               input channels whose weights of one lane lie together
//     kLanes, PanelChannel(lane)     as in conv2d_driver.h, of one panel
//     StageCentred(from, count, zero_point, to)
//     Multiply(tiles, depth, in, weights, sums)    sums[tile][kPanel] of in[tile][depth], tiles <= kBlock
//     Store(scales, lane, tile, pixels, channels, out, pitch)    as Finish there
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/winograd.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

inline constexpr int32_t kWinogradBlock = 12;  // tiles

template <typename Isa>
class WinogradConvolution {
  using Words = typename Isa::Words;
  using Sums = typename Isa::Sums;
  using P = Conv2DParams;

 public:
  static int64_t Tiles(const P& p) { return int64_t{DivideUp(p.height.output, 4)} * DivideUp(p.width.output, 4); }

  static size_t PackedBytes(const P& p) {
    const Geometry g = GeometryOf(p);
    return kHeader + LaneScalesBytes(g.lanes) + Size(kPoints) * Size(g.lanes) * Size(p.input_depth) * sizeof(int16_t);
  }

  static size_t ScratchBytes(const P& p) {
    return StagedBytes(GeometryOf(p)) + Aligned(InputBytes(p)) +
           Size(kPoints) * kWinogradBlock * Isa::kPanel * sizeof(int32_t);
  }

  static void Pack(const P& p, const FilterView& filter, const int32_t* bias, void* memory) {
    const Geometry g = GeometryOf(p);
    *static_cast<ScaleForm*>(memory) = ChooseScaleForm(p.linear, p.output_depth);
    const Packed packed = PackedIn(p, g, memory);
    for (int32_t lane = 0; lane < g.lanes; ++lane) {
      const int32_t panel = lane / Isa::kPanel;
      const int32_t o = panel * Isa::kPanel + Isa::PanelChannel(lane % Isa::kPanel);
      const bool real = o < p.output_depth;
      SetLane(packed.scales, lane, Isa::kLanes, real ? p.linear.scales + o : nullptr,
              real && bias != nullptr ? bias[o] : 0);
      for (int32_t c = 0; c < p.input_depth; ++c) {
        int16_t transformed[kPoints] = {};
        if (real) TransformWeights(filter, o, c, transformed);
        // [panel][point][granule of channels][lane][channel]
        const size_t within = (Size(c / Isa::kGranule) * Isa::kPanel + Size(lane % Isa::kPanel)) * Isa::kGranule;
        for (int32_t point = 0; point < kPoints; ++point) {
          const size_t matrix = (Size(panel) * kPoints + Size(point)) * Isa::kPanel * Size(p.input_depth);
          packed.weights[matrix + within + Size(c % Isa::kGranule)] = transformed[point];
        }
      }
    }
  }

  static void Run(const P& p, const void* memory, const int8_t* input, void* scratch, int8_t* output) {
    const Geometry g = GeometryOf(p);
    const Packed packed = PackedIn(p, g, const_cast<void*>(memory));
    auto* const staged = static_cast<int16_t*>(scratch);
    auto* const transformed = reinterpret_cast<int16_t*>(static_cast<uint8_t*>(scratch) + StagedBytes(g));
    auto* const sums = reinterpret_cast<int32_t*>(reinterpret_cast<uint8_t*>(transformed) + Aligned(InputBytes(p)));
    const size_t image = Size(p.height.input) * Size(p.width.input) * Size(p.input_depth);
    for (int32_t n = 0; n < p.batches; ++n, input += image) {
      for (int32_t tile_row = 0; tile_row < g.tile_rows; tile_row += g.band) {
        const int32_t band = Min(g.band, g.tile_rows - tile_row);
        const int32_t rows = Min(band * 4, p.height.output - tile_row * 4);
        for (int32_t i = 0; i < band * 4 + 2; ++i) {
          StageRow(p, g.row_elements, input, tile_row * 4 + i - p.height.pad_before, staged + Size(i) * g.row_elements);
        }
        const int32_t tiles = band * g.tile_columns;
        for (int32_t first = 0; first < tiles; first += kWinogradBlock) {
          RunBlock(p, g, packed, staged, first, Min(kWinogradBlock, tiles - first), rows, transformed, sums, output);
        }
        output += Size(rows) * Size(p.width.output) * Size(p.output_depth);
      }
    }
  }

 private:
  static constexpr int32_t kPoints = 36;
  static constexpr size_t kHeader = 64;
  static constexpr size_t kStagedBytes = 48 << 10;
  static constexpr int32_t kInverseOfNine = 0x38E38E39;

  struct Geometry {
    int32_t tile_rows;
    int32_t tile_columns;
    int32_t panels;
    int32_t lanes;
    size_t row_elements;  // of a staged row
    int32_t band;         // tile rows staged at once
  };
  struct Packed {
    LaneScales scales;
    int16_t* weights;
  };
  struct Six {
    Words v[6];
  };
  struct SixSums {
    Sums v[6];
  };
  struct FourSums {
    Sums v[4];
  };

  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }
  static constexpr int32_t DivideUp(int32_t a, int32_t b) { return (a + b - 1) / b; }
  static constexpr size_t Aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

  static Geometry GeometryOf(const P& p) {
    Geometry g{};
    g.tile_rows = DivideUp(p.height.output, 4);
    g.tile_columns = DivideUp(p.width.output, 4);
    g.panels = DivideUp(p.output_depth, Isa::kPanel);
    g.lanes = g.panels * Isa::kPanel;
    g.row_elements = (Size(g.tile_columns) * 4 + 2) * Size(p.input_depth);
    const auto rows = static_cast<int32_t>(kStagedBytes / (g.row_elements * sizeof(int16_t)) / 4);
    g.band = Min(rows < 2 ? 2 : rows, g.tile_rows);
    return g;
  }
  static size_t StagedBytes(const Geometry& g) {
    return Aligned((Size(g.band) * 4 + 2) * g.row_elements * sizeof(int16_t));
  }
  static size_t InputBytes(const P& p) {
    return Size(kPoints) * kWinogradBlock * Size(p.input_depth) * sizeof(int16_t);
  }
  static Packed PackedIn(const P& p, const Geometry& g, void* memory) {
    auto* const scales = static_cast<uint8_t*>(memory) + kHeader;
    return {MapLaneScales(p.linear, *static_cast<ScaleForm*>(memory), g.lanes, scales),
            reinterpret_cast<int16_t*>(scales + LaneScalesBytes(g.lanes))};
  }

  // B d.
  __attribute__((always_inline)) static Six TransformInput(const Six& d) {
    const Words a = Isa::Sub(d.v[4], Isa::FourTimes(d.v[2]));
    const Words b = Isa::Sub(d.v[3], Isa::FourTimes(d.v[1]));
    const Words c = Isa::Sub(d.v[4], d.v[2]);
    const Words e = Isa::Twice(Isa::Sub(d.v[3], d.v[1]));
    // a - d2 + 4 d0, and the same one place further: 4 d1 - 5 d3 + d5.
    const Words first = Isa::Add(Isa::Sub(a, d.v[2]), Isa::FourTimes(d.v[0]));
    const Words five = Isa::Add(Isa::FourTimes(d.v[3]), d.v[3]);
    const Words last = Isa::Add(Isa::Sub(Isa::FourTimes(d.v[1]), five), d.v[5]);
    return {{first, Isa::Add(a, b), Isa::Sub(a, b), Isa::Add(c, e), Isa::Sub(c, e), last}};
  }

  // All channels of one tile, whose input begins at `in`; point i goes to out + i * point_pitch.
  __attribute__((noinline)) static void TransformTile(const int16_t* in, size_t row_pitch, size_t depth, int16_t* out,
                                                      size_t point_pitch) {
    for (size_t c = 0; c < depth; c += Isa::kWords) {
      Six columns[6];  // of B d, column by column
      for (size_t x = 0; x < 6; ++x) {
        Six d;
#pragma GCC unroll 6
        for (size_t y = 0; y < 6; ++y) d.v[y] = Isa::LoadWords(in + y * row_pitch + x * depth + c);
        columns[x] = TransformInput(d);
      }
      for (size_t y = 0; y < 6; ++y) {
        Six d;
#pragma GCC unroll 6
        for (size_t x = 0; x < 6; ++x) d.v[x] = columns[x].v[y];
        const Six row = TransformInput(d);
#pragma GCC unroll 6
        for (size_t x = 0; x < 6; ++x) Isa::StoreWords(out + (y * 6 + x) * point_pitch + c, row.v[x]);
      }
    }
  }

  // A' m, modulo 2^32.
  __attribute__((always_inline)) static FourSums TransformSums(const SixSums& m) {
    const Sums s1 = Isa::Add(m.v[1], m.v[2]);
    const Sums d1 = Isa::Sub(m.v[1], m.v[2]);
    const Sums s2 = Isa::Add(m.v[3], m.v[4]);
    const Sums d2 = Isa::Twice(Isa::Sub(m.v[3], m.v[4]));
    const Sums last = Isa::Add(Isa::Add(d1, Isa::FourTimes(d2)), Isa::Twice(m.v[5]));
    return {{Isa::Add(Isa::Add(m.v[0], s1), s2), Isa::Add(d1, d2), Isa::Add(s1, Isa::FourTimes(s2)), last}};
  }

  // One tile's 36 sums of a panel, point i at sums + i * point_pitch, as out[row][column][kPanel] with the bias.
  __attribute__((noinline)) static void TransformBack(const int32_t* sums, size_t point_pitch, const int32_t* bias,
                                                      int32_t* out) {
    for (size_t part = 0; part < Isa::kPanel; part += Isa::kSums) {
      const Sums start = Isa::LoadSums(bias + part);
      FourSums columns[6];
      for (size_t x = 0; x < 6; ++x) {
        SixSums m;
#pragma GCC unroll 6
        for (size_t y = 0; y < 6; ++y) m.v[y] = Isa::LoadSums(sums + (y * 6 + x) * point_pitch + part);
        columns[x] = TransformSums(m);
      }
      for (size_t y = 0; y < 4; ++y) {
        SixSums m;
#pragma GCC unroll 6
        for (size_t x = 0; x < 6; ++x) m.v[x] = columns[x].v[y];
        const FourSums row = TransformSums(m);
#pragma GCC unroll 4
        for (size_t x = 0; x < 4; ++x) {
          Isa::StoreSums(out + (y * 4 + x) * Isa::kPanel + part,
                         Isa::Add(Isa::TimesInverse(row.v[x], kInverseOfNine), start));
        }
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

  // Tiles [first, first + count) of a band, in the order of reading; `output` is that of the band's first row.
  static void RunBlock(const P& p, const Geometry& g, const Packed& packed, const int16_t* staged, int32_t first,
                       int32_t count, int32_t rows, int16_t* transformed, int32_t* sums, int8_t* output) {
    const size_t depth = Size(p.input_depth);
    const size_t point_pitch = kWinogradBlock * depth;
    for (int32_t t = 0; t < count; ++t) {
      const size_t y = Size((first + t) / g.tile_columns) * 4;
      const size_t x = Size((first + t) % g.tile_columns) * 4;
      TransformTile(staged + y * g.row_elements + x * depth, g.row_elements, depth, transformed + Size(t) * depth,
                    point_pitch);
    }
    alignas(64) int32_t pixels[16 * Isa::kPanel];
    for (int32_t panel = 0; panel < g.panels; ++panel) {
      const int16_t* weights = packed.weights + Size(panel) * kPoints * Isa::kPanel * depth;
      for (size_t point = 0; point < kPoints; ++point) {
        Isa::Multiply(count, p.input_depth, transformed + point * point_pitch, weights + point * Isa::kPanel * depth,
                      sums + point * kWinogradBlock * Isa::kPanel);
      }
      const int32_t channels = Min(Isa::kPanel, p.output_depth - panel * Isa::kPanel);
      for (int32_t t = 0; t < count; ++t) {
        TransformBack(sums + Size(t) * Isa::kPanel, Size(kWinogradBlock) * Isa::kPanel,
                      packed.scales.bias + panel * Isa::kPanel, pixels);
        const int32_t top = (first + t) / g.tile_columns * 4;
        const int32_t left = (first + t) % g.tile_columns * 4;
        const int32_t width = Min(4, p.width.output - left);
        for (int32_t y = 0; y < 4 && top + y < rows; ++y) {
          int8_t* out = output + (Size(top + y) * Size(p.width.output) + Size(left)) * Size(p.output_depth);
          Isa::Store(packed.scales, panel * Isa::kPanel, pixels + y * 4 * Isa::kPanel, width, channels,
                     out + panel * Isa::kPanel, p.output_depth);
        }
      }
    }
  }
};

}  // namespace glimpse::kernels
