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
//
// Gathering. What a run costs besides its steps is much where it has few of them and there are many output channels:
// then the window of each pixel is copied together once, into one run.
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

  // Whether the window of each pixel is copied together.
  static bool IsGathered(const Conv2DParams& p) {
    if (!kGathers || p.pool || OnePixel(p) || p.height.dilation != 1 || p.width.dilation != 1) return false;
    // Measured: some nine cycles a word and six pixels, against five for a run of six pixels and a panel.
    const int64_t words = WordsOfRun(p);
    const int64_t image = PlainElements(p) * StagedRows(p, p.height.WholeOutput());
    return p.height.filter > 1 && 9 * words < 5 * (p.output_depth / 16) && image <= kGatheredElements;
  }

  static SumLoops LoopsOf(const Conv2DParams& p) {
    SumLoops loops;
    if (IsGathered(p)) {
      loops.steps = (p.height.filter * RunElements(p) + Isa::kGranule - 1) / Isa::kGranule;
      loops.pixel_pitch = ptrdiff_t{loops.steps} * Isa::kGranule;
      return loops;
    }
    const bool apart = p.width.dilation != 1 && p.width.filter != 1;
    const int32_t run = apart ? p.input_depth : RunElements(p);
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
    if (IsGathered(p)) return PackWindow(p, filter, o, pitch, to);
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

  // The windows of `count` output pixels from pixel `first` of an image on, all of whose rows are staged. Words are
  // copied whole: what is too much of one is overwritten by the next, or has weights of 0.
  static void Gather(const Conv2DParams& p, const Element* staged, int32_t first, int32_t count, Element* to) {
    const size_t row = RowElements(p);
    const size_t run = Size(RunElements(p));
    const size_t words = Size(WordsOfRun(p));
    const auto pitch = static_cast<size_t>(LoopsOf(p).pixel_pitch);
    int32_t y = first / p.width.output;
    int32_t x = first % p.width.output;
    for (int32_t i = 0; i < count; ++i, to += pitch) {
      const Element* from =
          staged + Size(y) * Size(p.height.stride) * row + Size(x * p.width.stride) * Size(p.input_depth);
      Element* at = to;
      for (int32_t fy = p.height.filter; fy != 0; --fy, from += row, at += run) {
        __builtin_memcpy(at, from, kWord * sizeof(Element));
        for (size_t word = 1; word < words; ++word) {
          __builtin_memcpy(at + word * kWord, from + word * kWord, kWord * sizeof(Element));
        }
      }
      if (++x < p.width.output) continue;
      x = 0;
      ++y;
    }
  }

 private:
  static constexpr bool kHasPairs = requires { &Isa::Interleave; };
  static constexpr bool kGathers = requires { Isa::kGathers; };
  static constexpr int64_t kGatheredElements = 8 << 10;  // of an image that windows are copied from, at most
  static constexpr size_t kWord = sizeof(uint64_t) / sizeof(Element);

  static constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
  static constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }

  static int32_t RunElements(const Conv2DParams& p) { return p.width.filter * p.input_depth; }
  static int64_t WordsOfRun(const Conv2DParams& p) {
    return (int64_t{RunElements(p)} + static_cast<int64_t>(kWord) - 1) / static_cast<int64_t>(kWord);
  }

  // Whether pairs save more than staging them costs, some two cycles an element; a step of eight channels takes two
  // thirds of one.
  static bool IsPaired(const Conv2DParams& p) {
    if (!kHasPairs || p.height.dilation != 1 || p.width.dilation != 1 || p.height.filter < 2) return false;
    if (IsGathered(p)) return false;
    const int64_t run = int64_t{p.width.filter} * p.input_depth;
    const int64_t paired = p.height.filter / 2 * run + p.height.filter % 2 * (run - 1);
    const int64_t saved = p.height.filter * ((run + 1) / 2) - paired;
    const int32_t rows = p.height.WholeOutput();
    return run >= 2 &&
           saved * (p.output_depth / 8) * rows * p.width.output >= 3 * PlainElements(p) * StagedRows(p, rows);
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

  static uint32_t PackWindow(const Conv2DParams& p, const FilterView& filter, int32_t o, size_t pitch, Weight* to) {
    const int32_t run = RunElements(p);
    const int32_t all = p.height.filter * run;
    uint32_t sum = 0;
    for (int32_t i = 0; i < all; i += Isa::kGranule, to += pitch) {
      for (int32_t g = 0; g < Isa::kGranule; ++g) {
        const int32_t at = i + g;
        const int8_t w =
            at >= all ? int8_t{0}
                      : filter.data[o * filter.output + at / run * filter.row +
                                    at % run / p.input_depth * filter.column + at % p.input_depth * filter.channel];
        to[g] = w;
        sum += static_cast<uint32_t>(int32_t{w});
      }
    }
    return sum;
  }

  static uint32_t PackPairs(const Conv2DParams& p, const FilterView& filter, int32_t o, size_t pitch, Weight* to) {
    const int32_t run = RunElements(p);
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
