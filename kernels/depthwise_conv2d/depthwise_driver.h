// SPDX-License-Identifier: Apache-2.0
// What the packed depthwise convolutions share whatever the instruction set.
//
// The idea. In a depthwise convolution every channel is for itself, so a row of output is one long row of lanes, pixel
// by pixel and channel by channel, and a filter column is the same row of input some pixels further on. Only the filter
// rows are left to be summed by a multiply instruction that adds neighbours (two 16-bit, four 8-bit products). So input
// rows are interleaved: granule g of lane j holds kGranule rows of input at lane j. One multiply then takes that many
// filter rows of a column for all lanes, whatever the number of channels, without a shuffle. Interleaving is the price;
// with a stride of 1 two output rows are made from one set of interleaved rows, with weights that differ by one row.
//
// A horizontal stride s is undone when rows are staged: columns are dealt out to s rows of lanes, in which output
// pixels are neighbours again. Weights and scales repeat along the lanes every `channels`, so they are packed for
// lcm(channels, kBlock) lanes.
//
// Where the instruction set multiplies lane by lane (kGranule 1) nothing is interleaved: a tap is a filter row and
// column, and its lanes are found in the staged rows.
//
// An instruction set is a type with internal linkage (so that every function here gets it too), which has
//     Element, kGranule, Weight, kLanes, Stage, Padding, SumOffset    as in conv2d/conv2d_driver.h
//     kBlock                 lanes that the inner kernel takes at once, a multiple of kLanes
//     Granule                what kGranule elements are together
//     Interleave(rows, blocks, out)    kGranule > 1 rows to granules, lane by lane
//     Rows(job, count)       one row of output, or two if kGranule > 1
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/depthwise_conv2d/depthwise_packed.h"
#include "kernels/quant/lane_scales.h"

namespace glimpse::kernels {

// What the inner kernel of a row needs. A tap is one filter column of kGranule filter rows.
template <typename Weight, typename Granule = int32_t>
struct DepthwiseRows {
  const Granule* data = nullptr;
  const int32_t* offsets = nullptr;  // of each tap's first lane in `data`
  int32_t taps = 0;
  const Weight* weights = nullptr;  // [pattern][tap][row][lane][granule]
  size_t tap_weights = 0;           // from one tap to the next
  size_t row_weights = 0;           // from one output row's to the next
  int32_t patterns = 1;             // blocks until weights repeat
  const LaneScales* scales = nullptr;
  size_t lanes = 0;  // of a row of output
  int8_t* output[2] = {};
};

template <typename Isa>
class PackedDepthwise {
  using Element = typename Isa::Element;
  using Weight = typename Isa::Weight;
  using P = DepthwiseConv2DParams;

 public:
  static size_t PackedBytes(const P& p) {
    if (p.depth_multiplier != 1 || !HasScaleForm(p.linear, p.input_depth)) return 0;
    const Layout l = LayoutOf(p);
    const uint64_t weights = uint64_t{l.patterns} * l.taps * l.rows * l.block_weights * sizeof(Weight);
    // The rows of a wide stride are mostly gaps.
    if (weights > kMostBytes || l.patterns > kMostBytes / Isa::kBlock / sizeof(LaneScales) ||
        uint64_t{l.window + l.groups} * l.row_elements > kMostBytes)
      return 0;
    return WeightsAt(l) + static_cast<size_t>(weights);
  }

  static size_t ScratchBytes(const P& p) {
    const Layout l = LayoutOf(p);
    return RingBytes(l) + (kDirect ? l.taps : l.groups * l.row_elements + Isa::kBlock) * sizeof(int32_t);
  }

  static void Pack(const P& p, const int8_t* filter, const int32_t* bias, void* packed) {
    const Layout l = LayoutOf(p);
    *static_cast<ScaleForm*>(packed) = ChooseScaleForm(p.linear, p.input_depth);
    PackOffsets(p, l, Offsets(packed));
    const LaneScales scales = ScalesIn(p, l, packed);
    auto* to = reinterpret_cast<Weight*>(static_cast<uint8_t*>(packed) + WeightsAt(l));
    for (size_t pattern = 0; pattern < l.patterns; ++pattern) {
      for (size_t tap = 0; tap < l.taps; ++tap) {
        for (size_t row = 0; row < l.rows; ++row) {
          for (size_t lane = 0; lane < Isa::kBlock; ++lane) {
            const size_t c = (pattern * Isa::kBlock + lane) % Size(p.input_depth);
            for (size_t g = 0; g < Isa::kGranule; ++g) *to++ = WeightAt(p, filter, tap, row, g, c);
          }
        }
      }
      for (size_t lane = 0; lane < Isa::kBlock; ++lane) {
        const size_t at = pattern * Isa::kBlock + lane;
        const size_t c = at % Size(p.input_depth);
        uint32_t sum = 0;
        const size_t count = Size(p.height.filter) * Size(p.width.filter);
        for (size_t i = 0; i < count; ++i) {
          sum += static_cast<uint32_t>(int32_t{filter[i * Size(p.input_depth) + c]});
        }
        const uint32_t start = bias == nullptr ? 0 : static_cast<uint32_t>(bias[c]);
        const auto offset = static_cast<uint32_t>(Isa::SumOffset(p.linear.input_zero_point));
        SetLane(scales, static_cast<int32_t>(at), Isa::kLanes, p.linear.scales + c,
                static_cast<int32_t>(start - offset * sum));
      }
    }
  }

  static void Run(const P& p, const void* packed_memory, const int8_t* input, void* scratch, int8_t* output) {
    void* const packed = const_cast<void*>(packed_memory);
    const Layout l = LayoutOf(p);
    const LaneScales scales = ScalesIn(p, l, packed);
    auto* const ring = static_cast<Element*>(scratch);
    // Granules, or where the taps of this row of output begin.
    auto* const derived = reinterpret_cast<int32_t*>(static_cast<uint8_t*>(scratch) + RingBytes(l));
    Job job;
    if constexpr (kDirect) {
      job.data = ring;
      job.offsets = derived;
    } else {
      job.data = derived;
      job.offsets = Offsets(packed);
    }
    job.taps = static_cast<int32_t>(l.taps);
    job.weights = reinterpret_cast<const Weight*>(static_cast<const uint8_t*>(packed) + WeightsAt(l));
    job.tap_weights = l.rows * l.block_weights;
    job.row_weights = l.block_weights;
    job.patterns = static_cast<int32_t>(l.patterns);
    job.scales = &scales;
    job.lanes = Size(p.width.output) * Size(p.input_depth);
    const size_t image = Size(p.height.input) * Size(p.width.input) * Size(p.input_depth);
    for (int32_t n = 0; n < p.batches; ++n, input += image) {
      size_t staged = 0;  // rows of this image, counted from the first row of padding
      for (int32_t y = 0; y < p.height.output; y += static_cast<int32_t>(l.rows)) {
        const size_t first = Size(y) * Size(p.height.stride);
        if (staged < first) staged = first;
        for (; staged < first + l.window; ++staged) {
          const int64_t row = static_cast<int64_t>(staged) - p.height.pad_before;
          StageRow(p, l, input, row, ring + staged % l.window * l.row_elements);
        }
        if constexpr (kDirect) {
          FindTaps(l, Offsets(packed), first, Size(p.height.dilation), derived);
        } else {
          for (size_t group = 0; group < l.groups; ++group) {
            const Element* rows[Isa::kGranule];
            for (size_t g = 0; g < Isa::kGranule; ++g) {
              const size_t at = (group * Isa::kGranule + g) * Size(p.height.dilation);
              rows[g] =
                  ring + (first + (at < l.window ? at : 0)) % l.window * l.row_elements;  // else its weights are 0
            }
            Isa::Interleave(rows, l.row_elements / Isa::kBlock, derived + group * l.row_elements);
          }
        }
        const int32_t left = p.height.output - y;
        const int32_t count = left < static_cast<int32_t>(l.rows) ? left : static_cast<int32_t>(l.rows);
        job.output[0] = output;
        job.output[1] = output + job.lanes;
        Isa::Rows(job, count);
        output += Size(count) * job.lanes;
      }
    }
  }

 private:
  using Job = DepthwiseRows<Weight, typename Isa::Granule>;
  static constexpr bool kDirect = Isa::kGranule == 1;
  static constexpr uint64_t kMostBytes = uint64_t{1} << 24;
  static constexpr size_t kAlign = 64;

  struct Layout {
    size_t rows;            // of output, from one set of interleaved rows
    size_t window;          // rows of input that these look at
    size_t groups;          // of kGranule rows
    size_t taps;            // groups * filter columns
    size_t patterns;        // blocks of lanes until channels repeat
    size_t phase_elements;  // of one of the rows that columns are dealt out to, a multiple of kBlock
    size_t row_elements;    // of all of them
    size_t block_weights;   // of one tap, output row and block
  };

  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }

  static size_t CommonDivisor(size_t a, size_t b) {
    while (b != 0) {
      const size_t rest = a % b;
      a = b;
      b = rest;
    }
    return a;
  }

  static Layout LayoutOf(const P& p) {
    Layout l{};
    const bool pairs = p.height.stride == 1 && p.height.dilation == 1 && p.height.filter % 2 == 1;
    l.rows = pairs && !kDirect && p.height.WholeOutput() > 1 ? 2 : 1;
    const size_t filter_rows = l.rows - 1 + Size(p.height.filter);
    l.window = (filter_rows - 1) * Size(p.height.dilation) + 1;
    l.groups = (filter_rows + Isa::kGranule - 1) / Isa::kGranule;
    l.taps = l.groups * Size(p.width.filter);
    l.patterns = Size(p.input_depth) / CommonDivisor(Size(p.input_depth), Isa::kBlock);
    // Columns that windows look at, dealt out to `stride` rows.
    const size_t last =
        Size(p.width.output - 1) + Size(p.width.filter - 1) * Size(p.width.dilation) / Size(p.width.stride);
    const size_t lanes = (last + 1) * Size(p.input_depth);
    l.phase_elements = (lanes + Isa::kBlock - 1) / Isa::kBlock * Isa::kBlock;
    l.row_elements = l.phase_elements * Size(p.width.stride);
    l.block_weights = Size(Isa::kBlock) * Isa::kGranule;
    return l;
  }

  // The last block may reach beyond the last row.
  static size_t RingBytes(const Layout& l) {
    return ((l.window * l.row_elements + Isa::kBlock) * sizeof(Element) + kAlign - 1) / kAlign * kAlign;
  }
  static int32_t* Offsets(void* packed) { return static_cast<int32_t*>(packed) + kAlign / sizeof(int32_t); }
  static size_t ScalesAt(const Layout& l) { return kAlign + (l.taps * sizeof(int32_t) + kAlign - 1) / kAlign * kAlign; }
  static size_t WeightsAt(const Layout& l) {
    return ScalesAt(l) + LaneScalesBytes(static_cast<int32_t>(l.patterns * Isa::kBlock));
  }
  static LaneScales ScalesIn(const P& p, const Layout& l, void* packed) {
    return MapLaneScales(p.linear, *static_cast<ScaleForm*>(packed), static_cast<int32_t>(l.patterns * Isa::kBlock),
                         static_cast<uint8_t*>(packed) + ScalesAt(l));
  }

  static void PackOffsets(const P& p, const Layout& l, int32_t* to) {
    for (size_t group = 0; group < l.groups; ++group) {
      for (int32_t fx = 0; fx < p.width.filter; ++fx) {
        const size_t column = Size(fx) * Size(p.width.dilation);
        const size_t phase = column % Size(p.width.stride);
        const size_t pixel = column / Size(p.width.stride);
        *to++ = static_cast<int32_t>(group * l.row_elements + phase * l.phase_elements + pixel * Size(p.input_depth));
      }
    }
  }

  // PackOffsets()' numbers, of rows that lie one below the other, for an output row whose window begins at row `first`.
  static void FindTaps(const Layout& l, const int32_t* offsets, size_t first, size_t dilation, int32_t* to) {
    const size_t columns = l.taps / l.groups;
    for (size_t group = 0; group < l.groups; ++group) {
      const size_t row = (first + group * dilation) % l.window;
      for (size_t fx = 0; fx < columns; ++fx, ++offsets, ++to) {
        *to = *offsets + static_cast<int32_t>((row - group) * l.row_elements);
      }
    }
  }

  // Granule g of a tap holds filter row group * kGranule + g for the first output row, one less for the second.
  static Weight WeightAt(const P& p, const int8_t* filter, size_t tap, size_t row, size_t g, size_t c) {
    const size_t fx = tap % Size(p.width.filter);
    const size_t at = tap / Size(p.width.filter) * Isa::kGranule + g;
    if (at < row || at - row >= Size(p.height.filter)) return 0;
    return filter[((at - row) * Size(p.width.filter) + fx) * Size(p.input_depth) + c];
  }

  static void StageRow(const P& p, const Layout& l, const int8_t* input, int64_t row, Element* to) {
    const Element padding = Isa::Padding(p.linear.input_zero_point);
    const auto fill = [padding](Element* from, size_t count) {
      for (size_t i = 0; i < count; ++i) from[i] = padding;
    };
    if (row < 0 || row >= p.height.input) return fill(to, l.row_elements);
    const size_t depth = Size(p.input_depth);
    const int8_t* from = input + Size(row) * Size(p.width.input) * depth;
    for (int32_t phase = 0; phase < p.width.stride; ++phase, to += l.phase_elements) {
      // Pixel i of this phase is column i * stride + phase - pad_before of the input.
      const int32_t first = phase - p.width.pad_before;
      const int32_t stride = p.width.stride;
      const size_t before = first < 0 ? Size((-first + stride - 1) / stride) : 0;
      const size_t pixels = l.phase_elements / depth;
      const int64_t column = first + static_cast<int64_t>(before) * stride;
      const int64_t inside = column >= p.width.input ? 0 : (p.width.input - column + stride - 1) / stride;
      const size_t room = pixels > before ? pixels - before : 0;
      const size_t count = Size(inside) < room ? Size(inside) : room;
      const size_t start = before < pixels ? before : pixels;
      fill(to, start * depth);
      Element* at = to + start * depth;
      if (stride == 1) {
        Isa::Stage(from + Size(column) * depth, count * depth, p.linear.input_zero_point, at);
      } else {
        for (size_t i = 0; i < count; ++i) {
          Isa::Stage(from + (Size(column) + i * Size(stride)) * depth, depth, p.linear.input_zero_point,
                     at + i * depth);
        }
      }
      const size_t done = (start + count) * depth;
      fill(to + done, l.phase_elements - done);
    }
  }
};

}  // namespace glimpse::kernels
