// SPDX-License-Identifier: Apache-2.0
// What the packed convolutions share whatever the instruction set: packing, and the loops around the inner kernel.
//
// Input is staged a band of rows at a time, so that a sum is a few runs of neighbouring elements (conv2d_window.h). The
// inner kernel adds up a few neighbouring output pixels times a panel of output channels in registers; weights are
// packed in the order in which it reads them, runs filled up with zeros.
//
// With a pool, the largest sums of its windows are found before anything is scaled, group by group of windows.
//
// An instruction set is a type with internal linkage (so that every function here gets it too), which has
//     Element, kGranule      staged element; how many of them one multiply takes from one pixel
//     kLanes                 32-bit sums in a vector
//     Weight                 type of a packed weight
//     PanelVectors(n)        vectors of the panel for the first of n channels that are left: at most kMaxVectors
//     MaxPixels(vectors)     pixels that the inner kernel takes at once, at most kMaxPixels; kMaxTile sums in all
//     PanelChannel(vectors, vector, lane)    channel within a panel, so that Finish stores without shuffling
//     Stage(from, count, zero_point, to), Padding(zero_point)    staged elements
//     SumOffset(zero_point)  what every staged element is too large by
//     Accumulate(vectors, pixels, loops, in, weights, bias, tile)    tile[pixel][vector][lane]
//     Finish(vectors, scales, lane, tile, pixels, channels, out, pitch)
//     LargestOfTwoByTwo(vectors, windows, loops, in, lower, weights, bias, to)    optional: sums of pools of 2x2
// and may have
//     RefineLane(scales, lane, scale, linear, pixels)    after each SetLane
//     kGathers               windows may be gathered
//     Interleave(a, b, count, to)    to[2 i] = a[i], to[2 i + 1] = b[i]: it stages pairs, and its sums have a tail
//     ChooseDirect(vectors, pixels, scales, lane, channels)    a function of (loops, in, weights, scales, lane, groups,
//                            out, pitch) that computes `groups` times so many pixels without a tile; or nullptr
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"
#include "kernels/conv2d/conv2d_window.h"
#include "kernels/conv2d/pooled_row.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

template <typename Isa>
class PackedConvolution {
  using Window = StagedWindow<Isa>;
  using Element = typename Isa::Element;
  using Weight = typename Isa::Weight;

 public:
  static size_t PackedBytes(const Conv2DParams& p, const FilterView&) {
    if (p.groups != 1 || !HasScaleForm(p.linear, p.output_depth)) return 0;
    if (p.pool && (Window::OnePixel(p) || PooledRow<Isa>::WindowsAtOnce(p, Isa::PanelVectors(p.output_depth)) < 1))
      return 0;
    return kHeader + LaneScalesBytes(PaddedChannels(p)) +
           Window::WeightsOfLane(p) * Size(PaddedChannels(p)) * sizeof(Weight);
  }

  static size_t ScratchBytes(const Conv2DParams& p, const void*) {
    if (Window::OnePixel(p)) return PixelBytes(p);
    if (Window::IsGathered(p)) {
      return PixelBytes(p) + Window::BandBytes(p, Window::StagedRows(p, p.height.output));
    }
    return Window::BandBytes(p, Window::StagedRows(p, ConvRows(p)));
  }

  static void Pack(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
    const ScaleForm form = ChooseScaleForm(p.linear, p.output_depth);
    *static_cast<Header*>(packed) = {form, 0, PaddedChannels(p), PixelsAtOnce(p), Window::WeightsOfLane(p)};
    const LaneScales scales = ScalesIn(p, packed);
    Weight* weights = WeightsIn(packed);
    for (int32_t first = 0, lane = 0; first < p.output_depth;) {
      const int32_t vectors = Isa::PanelVectors(p.output_depth - first);
      for (int32_t v = 0; v < vectors; ++v) {
        for (int32_t l = 0; l < Isa::kLanes; ++l, ++lane) {
          const int32_t o = first + Isa::PanelChannel(vectors, v, l);
          const bool real = o < p.output_depth;
          Weight* at = weights + Size(v * Isa::kLanes + l) * Isa::kGranule;
          const uint32_t sum =
              real ? Window::PackLane(p, filter, o, Size(vectors) * Isa::kLanes * Isa::kGranule, at) : 0;
          const uint32_t start = real && bias != nullptr ? static_cast<uint32_t>(bias[o]) : 0;
          const auto offset = static_cast<uint32_t>(Isa::SumOffset(p.linear.input_zero_point));
          const OutputScale* const scale = real ? p.linear.scales + o : nullptr;
          SetLane(scales, lane, Isa::kLanes, scale, static_cast<int32_t>(start - offset * sum));
          if constexpr (requires { Isa::RefineLane(scales, lane, scale, p.linear, Pixels(p)); }) {
            Isa::RefineLane(scales, lane, scale, p.linear, Pixels(p));
          }
        }
      }
      weights += HeaderIn(packed).weights_of_lane * Size(vectors) * Isa::kLanes;
      first += vectors * Isa::kLanes;
    }
  }

  static void Run(const Conv2DParams& p, const void* memory, const int8_t* input, void* scratch, int8_t* output) {
    void* const packed = const_cast<void*>(memory);
    const Packed weights{ScalesIn(p, packed), WeightsIn(packed), HeaderIn(packed).weights_of_lane};
    if (Window::OnePixel(p)) {
      RunPixels(p, weights, HeaderIn(packed).pixels_at_once, input, static_cast<Element*>(scratch), output);
      return;
    }
    const size_t image = Size(p.height.input) * Size(p.width.input) * Size(p.input_depth);
    const size_t rows = Size(p.pool ? p.pool->height.output : p.height.output);
    const size_t columns = Size(p.pool ? p.pool->width.output : p.width.output);
    const size_t result = rows * columns * Size(p.output_depth);
    for (int32_t n = 0; n < p.batches; ++n) {
      const auto run = p.pool ? RunPooledImage : Window::IsGathered(p) ? RunGatheredImage : RunImage;
      run(p, weights, input + Size(n) * image, static_cast<Element*>(scratch), output + Size(n) * result);
    }
  }

 private:
  // At the beginning of the packed memory: what takes a division or a loop to find out.
  struct Header {
    ScaleForm form;
    int32_t of_caller;  // not used here
    int32_t lanes;
    int64_t pixels_at_once;
    size_t weights_of_lane;
  };
  static constexpr size_t kHeader = 64;
  static constexpr size_t kStagedBytes = 48 << 10;
  static constexpr int32_t kStrip = 4;  // groups of pixels between two calls of Finish

  struct Packed {
    LaneScales scales;
    const Weight* weights;
    size_t weights_of_lane;
  };

  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }
  static constexpr int32_t Max(int32_t a, int32_t b) { return a > b ? a : b; }

  // Output rows whose input is staged at once.
  static int32_t BandRows(const Conv2DParams& p) {
    const size_t row = Window::RowElements(p) * sizeof(Element);
    const auto staged = static_cast<int64_t>(kStagedBytes / row);
    const int64_t rows = (staged - Window::StagedRows(p, 1)) / p.height.stride + 1;
    // At least as much new as is staged again.
    const int64_t enough = rows < p.height.filter ? p.height.filter : rows;
    return static_cast<int32_t>(enough < p.height.output ? enough : p.height.output);
  }
  // Rows of pooled outputs whose input is staged at once, and the rows of sums under them.
  static int32_t PooledBand(const Conv2DParams& p) { return Max(1, BandRows(p) / p.pool->height.stride); }
  static int32_t ConvRows(const Conv2DParams& p) {
    if (!p.pool) return BandRows(p);
    return Min(p.height.output, (PooledBand(p) - 1) * p.pool->height.stride + p.pool->height.filter);
  }
  static int64_t Pixels(const Conv2DParams& p) { return int64_t{p.batches} * p.height.output * p.width.output; }
  // Pixels whose input lies together, and its bytes.
  static size_t PixelBytes(const Conv2DParams& p) {
    const size_t bytes = Size(PixelsAtOnce(p)) * Size(Window::LoopsOf(p).pixel_pitch) * sizeof(Element);
    return (bytes + Window::kSlack + 63) / 64 * 64;
  }
  static int64_t PixelsAtOnce(const Conv2DParams& p) {
    const int64_t elements = Window::IsGathered(p) ? Window::LoopsOf(p).pixel_pitch : p.input_depth;
    const auto fit = static_cast<int64_t>(kStagedBytes / (Size(elements) * sizeof(Element)));
    const int64_t pixels = Pixels(p);
    const int64_t least = int64_t{kStrip} * Isa::kMaxPixels;
    const int64_t some = fit < least ? least : fit;
    return some < pixels ? some : pixels;
  }

  static int32_t PaddedChannels(const Conv2DParams& p) {
    int32_t lanes = 0;
    for (int32_t first = 0; first < p.output_depth;) {
      const int32_t panel = Isa::PanelVectors(p.output_depth - first) * Isa::kLanes;
      lanes += panel;
      first += panel;
    }
    return lanes;
  }
  static const Header& HeaderIn(const void* packed) { return *static_cast<const Header*>(packed); }
  static LaneScales ScalesIn(const Conv2DParams& p, void* packed) {
    return MapLaneScales(p.linear, HeaderIn(packed).form, HeaderIn(packed).lanes,
                         static_cast<uint8_t*>(packed) + kHeader);
  }
  static Weight* WeightsIn(void* packed) {
    return reinterpret_cast<Weight*>(static_cast<uint8_t*>(packed) + kHeader + LaneScalesBytes(HeaderIn(packed).lanes));
  }

  static void RunPixels(const Conv2DParams& p, const Packed& packed, int64_t at_once, const int8_t* input,
                        Element* staged, int8_t* output) {
    const SumLoops loops = Window::LoopsOf(p);
    const int64_t pixels = Pixels(p);
    const bool all = p.height.output == p.height.input && p.width.output == p.width.input;
    int32_t n = 0;
    int32_t y = 0;
    int32_t x = 0;
    for (int64_t first = 0; first < pixels; first += at_once) {
      const auto count = static_cast<int32_t>(pixels - first < at_once ? pixels - first : at_once);
      if (all) {
        Isa::Stage(input + Size(first) * Size(p.input_depth), Size(count) * Size(p.input_depth),
                   p.linear.input_zero_point, staged);
      } else {
        Element* to = staged;
        for (int32_t i = 0; i < count; ++i, to += p.input_depth) {
          const size_t row = Size(n) * Size(p.height.input) + Size(y) * Size(p.height.stride);
          Isa::Stage(input + (row * Size(p.width.input) + Size(x) * Size(p.width.stride)) * Size(p.input_depth),
                     Size(p.input_depth), p.linear.input_zero_point, to);
          if (++x < p.width.output) continue;
          x = 0;
          if (++y < p.height.output) continue;
          y = 0;
          ++n;
        }
      }
      RunRows(p, loops, packed, staged, 1, count, output + Size(first) * Size(p.output_depth));
    }
  }

  static void RunImage(const Conv2DParams& p, const Packed& packed, const int8_t* input, Element* staged,
                       int8_t* output) {
    const SumLoops loops = Window::LoopsOf(p);
    const int32_t band = BandRows(p);
    const int32_t room = Window::StagedRows(p, ConvRows(p));
    for (int32_t y = 0; y < p.height.output; y += band) {
      const int32_t rows = Min(band, p.height.output - y);
      const int32_t first = y * p.height.stride - p.height.pad_before;
      const int32_t count = Window::StagedRows(p, rows);
      Window::StageBand(p, input, first, count, room, staged);
      RunRows(p, loops, packed, staged, rows, p.width.output,
              output + Size(y) * Size(p.width.output) * Size(p.output_depth));
    }
  }

  static void RunGatheredImage(const Conv2DParams& p, const Packed& packed, const int8_t* input, Element* gathered,
                               int8_t* output) {
    const SumLoops loops = Window::LoopsOf(p);
    auto* const staged = reinterpret_cast<Element*>(reinterpret_cast<uint8_t*>(gathered) + PixelBytes(p));
    const int32_t rows = Window::StagedRows(p, p.height.output);
    Window::StageBand(p, input, -p.height.pad_before, rows, rows, staged);
    const int32_t pixels = p.height.output * p.width.output;
    const auto at_once = static_cast<int32_t>(PixelsAtOnce(p));
    for (int32_t first = 0; first < pixels; first += at_once) {
      const int32_t count = Min(at_once, pixels - first);
      Window::Gather(p, staged, first, count, gathered);
      RunRows(p, loops, packed, gathered, 1, count, output + Size(first) * Size(p.output_depth));
    }
  }

  static void RunPooledImage(const Conv2DParams& p, const Packed& packed, const int8_t* input, Element* staged,
                             int8_t* output) {
    const SumLoops loops = Window::LoopsOf(p);
    const WindowAxis& pool = p.pool->height;
    const ptrdiff_t row_pitch = static_cast<ptrdiff_t>(Window::RowElements(p)) * p.height.stride;
    const size_t output_row = Size(p.pool->width.output) * Size(p.output_depth);
    const int32_t band = PooledBand(p);
    const int32_t room = Window::StagedRows(p, ConvRows(p));
    for (int32_t y = 0; y < pool.output; y += band) {
      const int32_t rows = Min(band, pool.output - y);
      const int32_t top = y * pool.stride;  // of the sums
      const int32_t count = Window::StagedRows(p, Min((rows - 1) * pool.stride + pool.filter, p.height.output - top));
      const int32_t first = top * p.height.stride - p.height.pad_before;
      Window::StageBand(p, input, first, count, room, staged);
      const Weight* weights = packed.weights;
      for (int32_t o = 0; o < p.output_depth;) {
        const int32_t vectors = Isa::PanelVectors(p.output_depth - o);
        const int32_t channels = Min(vectors * Isa::kLanes, p.output_depth - o);
        for (int32_t i = 0; i < rows; ++i) {
          const int32_t high = Min(pool.filter, p.height.output - top - i * pool.stride);
          PooledRow<Isa>::Run(p, loops, packed.scales, weights, vectors, o, channels,
                              staged + i * pool.stride * row_pitch, high, output + Size(y + i) * output_row + o);
        }
        weights += packed.weights_of_lane * Size(vectors) * Isa::kLanes;
        o += vectors * Isa::kLanes;
      }
    }
  }

  // `rows` rows of `columns` output pixels, whose windows begin at `staged`.
  static void RunRows(const Conv2DParams& p, const SumLoops& loops, const Packed& packed, const Element* staged,
                      int32_t rows, int32_t columns, int8_t* output) {
    const ptrdiff_t row_pitch = static_cast<ptrdiff_t>(Window::RowElements(p)) * p.height.stride;
    const Weight* weights = packed.weights;
    for (int32_t first = 0, lane = 0; first < p.output_depth;) {
      const int32_t vectors = Isa::PanelVectors(p.output_depth - first);
      const int32_t channels = Min(vectors * Isa::kLanes, p.output_depth - first);
      for (int32_t y = 0; y < rows; ++y) {
        RunRow(p, loops, packed.scales, weights, vectors, lane, channels, staged + y * row_pitch, columns,
               output + Size(y) * Size(columns) * Size(p.output_depth) + first);
      }
      weights += packed.weights_of_lane * Size(vectors) * Isa::kLanes;
      first += vectors * Isa::kLanes;
      lane += vectors * Isa::kLanes;
    }
  }

  // One row of one panel. Pixels are dealt out evenly: 13 as 5 + 4 + 4, not as 6 + 6 + 1.
  static void RunRow(const Conv2DParams& p, const SumLoops& loops, const LaneScales& scales, const Weight* weights,
                     int32_t vectors, int32_t lane, int32_t channels, const Element* in, int32_t columns, int8_t* out) {
    alignas(64) int32_t tile[kStrip * Isa::kMaxTile];
    const int32_t most = Isa::MaxPixels(vectors);
    const int32_t groups = columns <= most ? 1 : (columns + most - 1) / most;
    const int32_t fewest = groups == 1 ? columns : columns / groups;
    const int32_t longer = columns - fewest * groups;
    if constexpr (requires { &Isa::ChooseDirect; }) {
      const auto first = Isa::ChooseDirect(vectors, fewest + Min(longer, 1), scales, lane, channels);
      const auto rest = Isa::ChooseDirect(vectors, fewest, scales, lane, channels);
      if (first != nullptr && rest != nullptr) {
        const int32_t pixels = longer * (fewest + 1);
        first(loops, in, weights, scales, Size(lane), longer, out, p.output_depth);
        rest(loops, in + pixels * loops.pixel_pitch, weights, scales, Size(lane), groups - longer,
             out + ptrdiff_t{pixels} * p.output_depth, p.output_depth);
        return;
      }
    }
    for (int32_t group = 0; group < groups;) {
      int32_t pixels = 0;
      for (const int32_t end = Min(group + kStrip, groups); group < end; ++group) {
        const int32_t count = fewest + (group < longer ? 1 : 0);
        Isa::Accumulate(vectors, count, loops, in, weights, scales.bias + lane, tile + pixels * vectors * Isa::kLanes);
        in += count * loops.pixel_pitch;
        pixels += count;
      }
      Isa::Finish(vectors, scales, lane, tile, pixels, channels, out, p.output_depth);
      out += static_cast<ptrdiff_t>(pixels) * p.output_depth;
    }
  }
};

}  // namespace glimpse::kernels
