// SPDX-License-Identifier: Apache-2.0
// How the packed convolutions (conv2d_driver.h) stage input, and the loops of one sum over it.
//
// Input is copied ("staged") a band of rows at a time into a buffer where padding is written out, in the form that the
// multiply instruction takes. There the window of a filter row is one run of width.filter * input_depth neighbouring
// elements, so a sum is `rows` runs of `steps` steps, without a question asked; with a dilation, or where columns are
// apart, it is rows * columns runs of one pixel. A 1x1 filter looks at one pixel: only pixels that are looked at are
// staged, all in one long row.
//
// Pairs. Where a step takes two elements, a run of an odd length wastes half a step: a row of three, as in a first
// layer of one channel, a quarter of them. Then a row is staged twice instead, as pairs of each element with the one
// below, and as pairs of it with the next one. Two filter rows are one run of the former, without waste; a last row
// that is left is one of the latter, whose steps overlap: one fewer than elements, the last ones with weights for their
// second element alone. A window of 3x3 has 3 + 2 steps in place of 6.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// The loops of one sum over staged elements; pitches in elements.
struct SumLoops {
  int32_t rows = 1;
  int32_t columns = 1;
  int32_t steps = 1;  // of kGranule elements
  ptrdiff_t row_pitch = 0;
  ptrdiff_t column_pitch = 0;
  ptrdiff_t pixel_pitch = 0;  // from one output pixel to the next
  // With pairs, one more run of fewer steps, `tail` from the first; 0: there is none.
  int32_t tail_steps = 0;
  ptrdiff_t tail = 0;
};

// Isa: as in conv2d_driver.h.
template <typename Isa>
class StagedWindow {
  using Element = typename Isa::Element;
  using Weight = typename Isa::Weight;

 public:
  static constexpr size_t kSlack = 64;  // bytes; the last granule of the last run may reach beyond what is staged

  static bool OnePixel(const Conv2DParams& p) {
    return p.height.filter == 1 && p.width.filter == 1 && p.height.pad_before == 0 && p.width.pad_before == 0;
  }

  static SumLoops LoopsOf(const Conv2DParams& p) {
    SumLoops loops;
    const bool apart = p.width.dilation != 1 && p.width.filter != 1;
    const int32_t run = apart ? p.input_depth : p.width.filter * p.input_depth;
    loops.pixel_pitch = static_cast<ptrdiff_t>(p.input_depth) * (OnePixel(p) ? 1 : p.width.stride);
    if (IsPaired(p)) {
      loops.rows = p.height.filter / 2;
      loops.steps = run;
      loops.row_pitch = 2 * static_cast<ptrdiff_t>(RowElements(p));
      loops.pixel_pitch *= 2;
      if (p.height.filter % 2 != 0) loops.tail_steps = run - 1;
      loops.tail = loops.rows * loops.row_pitch + static_cast<ptrdiff_t>(RowElements(p) / 2);
      return loops;
    }
    loops.rows = p.height.filter;
    loops.columns = apart ? p.width.filter : 1;
    loops.steps = (run + Isa::kGranule - 1) / Isa::kGranule;
    loops.row_pitch = static_cast<ptrdiff_t>(RowElements(p)) * p.height.dilation;
    loops.column_pitch = static_cast<ptrdiff_t>(p.input_depth) * p.width.dilation;
    return loops;
  }

  static size_t WeightsOfLane(const Conv2DParams& p) {
    const SumLoops loops = LoopsOf(p);
    return Size(loops.rows * loops.columns * loops.steps + loops.tail_steps) * Isa::kGranule;
  }

  // Weights of channel `o`, a granule every `pitch` elements; the sum of them, modulo 2^32.
  static uint32_t PackLane(const Conv2DParams& p, const FilterView& filter, int32_t o, size_t pitch, Weight* to) {
    return IsPaired(p) ? PackPairs(p, filter, o, pitch, to) : PackRuns(p, filter, o, pitch, to);
  }

  static size_t RowElements(const Conv2DParams& p) { return Size(PlainElements(p)) * (IsPaired(p) ? 4 : 1); }
  static int32_t StagedRows(const Conv2DParams& p, int32_t output_rows) {
    return (output_rows - 1) * p.height.stride + (p.height.filter - 1) * p.height.dilation + 1;
  }
  // Bytes of `rows` staged rows, and what staging needs besides.
  static size_t BandBytes(const Conv2DParams& p, int32_t rows) {
    const size_t beside = IsPaired(p) ? PlainPitch(p) : 0;
    return Size(rows) * (RowElements(p) + beside) * sizeof(Element) + kSlack;
  }

  // Stages `count` rows from input row `first` on, which may lie in the padding. `room`: rows of the whole band.
  static void StageBand(const Conv2DParams& p, const int8_t* input, int32_t first, int32_t count, int32_t room,
                        Element* staged) {
    if constexpr (kHasPairs) {
      if (IsPaired(p)) return StagePairs(p, input, first, count, staged, staged + Size(room) * RowElements(p));
    }
    for (int32_t i = 0; i < count; ++i) StageRow(p, input, first + i, staged + Size(i) * RowElements(p));
  }

 private:
  static constexpr bool kHasPairs = requires { &Isa::Interleave; };

  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }

  // Whether pairs save more than staging them costs, some two cycles an element; a step of eight channels takes two
  // thirds of one.
  static bool IsPaired(const Conv2DParams& p) {
    if (!kHasPairs || p.height.dilation != 1 || p.width.dilation != 1 || p.height.filter < 2) return false;
    const int64_t run = int64_t{p.width.filter} * p.input_depth;
    const int64_t paired = p.height.filter / 2 * run + p.height.filter % 2 * (run - 1);
    const int64_t saved = p.height.filter * ((run + 1) / 2) - paired;
    return run >= 2 && saved * (p.output_depth / 8) * p.height.output * p.width.output >=
                           3 * PlainElements(p) * StagedRows(p, p.height.output);
  }

  // Staged columns: those that windows look at.
  static int32_t StagedColumns(const Conv2DParams& p) {
    return (p.width.output - 1) * p.width.stride + (p.width.filter - 1) * p.width.dilation + 1;
  }
  static int64_t PlainElements(const Conv2DParams& p) { return int64_t{StagedColumns(p)} * p.input_depth; }
  // From one row to the next before they are paired: one element behind a row is read.
  static size_t PlainPitch(const Conv2DParams& p) { return (Size(PlainElements(p)) + 64) / 64 * 64; }

  static uint32_t PackRuns(const Conv2DParams& p, const FilterView& filter, int32_t o, size_t pitch, Weight* to) {
    const SumLoops loops = LoopsOf(p);
    const int8_t* from = filter.data + o * filter.output;
    uint32_t sum = 0;
    for (int32_t fy = 0; fy < loops.rows; ++fy) {
      int32_t fx = 0;
      int32_t c = 0;
      for (int32_t column = 0; column < loops.columns; ++column) {
        for (int32_t step = 0; step < loops.steps; ++step, to += pitch) {
          for (int32_t g = 0; g < Isa::kGranule; ++g) {
            const bool inside = loops.columns == 1 ? fx < p.width.filter : fx == column;
            const int8_t w = inside ? from[fy * filter.row + fx * filter.column + c * filter.channel] : int8_t{0};
            to[g] = w;
            sum += static_cast<uint32_t>(int32_t{w});
            if (inside && ++c == p.input_depth) {
              c = 0;
              ++fx;
            }
          }
        }
      }
    }
    return sum;
  }

  static uint32_t PackPairs(const Conv2DParams& p, const FilterView& filter, int32_t o, size_t pitch, Weight* to) {
    const int32_t run = p.width.filter * p.input_depth;
    uint32_t sum = 0;
    const auto weight = [&](int32_t fy, int32_t i) {
      const int8_t w = filter.data[o * filter.output + fy * filter.row + i / p.input_depth * filter.column +
                                   i % p.input_depth * filter.channel];
      sum += static_cast<uint32_t>(int32_t{w});
      return w;
    };
    int32_t fy = 0;
    for (; fy + 2 <= p.height.filter; fy += 2) {
      for (int32_t i = 0; i < run; ++i, to += pitch) {
        to[0] = weight(fy, i);
        to[1] = weight(fy + 1, i);
      }
    }
    if (fy == p.height.filter) return sum;
    for (int32_t i = 0; i + 1 < run; ++i, to += pitch) {
      to[0] = i == 0 ? weight(fy, 0) : int8_t{0};
      to[1] = weight(fy, i + 1);
    }
    return sum;
  }

  static void StageRow(const Conv2DParams& p, const int8_t* input, int32_t row, Element* to) {
    const int32_t columns = StagedColumns(p);
    const Element padding = Isa::Padding(p.linear.input_zero_point);
    const bool inside = row >= 0 && row < p.height.input;
    const int32_t before = inside ? Min(p.width.pad_before, columns) : columns;
    const int32_t count = inside ? Min(p.width.input, columns - before) : 0;
    const Element* const end = to + PlainElements(p);
    for (size_t i = 0; i < Size(before) * Size(p.input_depth); ++i) *to++ = padding;
    if (count > 0) {
      const size_t elements = Size(count) * Size(p.input_depth);
      Isa::Stage(input + Size(row) * Size(p.width.input) * Size(p.input_depth), elements, p.linear.input_zero_point,
                 to);
      to += elements;
    }
    while (to < end) *to++ = padding;
  }

  // `plain`: room for as many rows as they are. All are staged before the first is paired, since a load waits for
  // stores that it straddles. The pairs of the last row with the one below it belong to no window.
  static void StagePairs(const Conv2DParams& p, const int8_t* input, int32_t first, int32_t count, Element* staged,
                         Element* plain) {
    const size_t elements = Size(PlainElements(p));
    const size_t pitch = PlainPitch(p);
    for (int32_t i = 0; i < count; ++i) {
      StageRow(p, input, first + i, plain + Size(i) * pitch);
      plain[Size(i) * pitch + elements] = Isa::Padding(p.linear.input_zero_point);
    }
    for (int32_t i = 0; i < count; ++i, plain += pitch, staged += RowElements(p)) {
      Isa::Interleave(plain, i + 1 < count ? plain + pitch : plain, elements, staged);
      Isa::Interleave(plain, plain + 1, elements, staged + 2 * elements);
    }
  }
};

}  // namespace glimpse::kernels
