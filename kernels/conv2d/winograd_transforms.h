// SPDX-License-Identifier: Apache-2.0
// The transforms of winograd.h on whole tiles, for vectors of any instruction set: an Isa as in winograd_driver.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/winograd_forms.h"
#include "kernels/conv2d/winograd_tiles.h"

namespace glimpse::kernels {

template <typename Isa>
struct WinogradTransforms {
  using Words = typename Isa::Words;
  using Sums = typename Isa::Sums;
  using Signed = typename Isa::SignedSums;
  static constexpr size_t kWords = sizeof(Words) / sizeof(int16_t);
  static constexpr size_t kSums = sizeof(Sums) / sizeof(int32_t);

  template <typename V>
  __attribute__((always_inline)) static V Load(const void* from) {
    V v;
    __builtin_memcpy(&v, from, sizeof(v));
    return v;
  }
  template <typename V>
  __attribute__((always_inline)) static void Store(const V& v, void* to) {
    __builtin_memcpy(to, &v, sizeof(v));
  }

  // body(0), body(1) ...: written out where registers hold what passes from one loop to the next, else as a loop, whose
  // addresses take fewer registers.
  template <size_t kCount, typename Body>
  __attribute__((always_inline)) static void Repeat(const Body& body) {
    if constexpr (Isa::kWrittenOut) {
#pragma GCC unroll 6
      for (size_t i = 0; i < kCount; ++i) body(i);
    } else {
#pragma GCC unroll 1
      for (size_t i = 0; i < kCount; ++i) body(i);
    }
  }

  // All channels of one tile of kRows x kColumns outputs, whose input begins at `in`; the point in row y and column x
  // of the 6x6 goes to out + (y * 6 + x) * point_pitch.
  template <int kRows, int kColumns>
  __attribute__((noinline)) static void Input(const int16_t* in, size_t row_pitch, size_t depth, int16_t* out,
                                              size_t point_pitch) {
    for (size_t c = 0; c < depth; c += kWords) {
      Words half[kRows + 2][kColumns + 2];
      Repeat<kColumns + 2>([&](size_t x) __attribute__((always_inline)) {
        Words d[kRows + 2];
        Words points[kRows + 2];
#pragma GCC unroll 6
        for (size_t y = 0; y < kRows + 2; ++y) d[y] = Load<Words>(in + y * row_pitch + x * depth + c);
        WinogradForm<kRows>::Input(d, points);
#pragma GCC unroll 6
        for (size_t y = 0; y < kRows + 2; ++y) half[y][x] = points[y];
      });
      Repeat<kRows + 2>([&](size_t y) __attribute__((always_inline)) {
        Words points[kColumns + 2];
        WinogradForm<kColumns>::Input(half[y], points);
#pragma GCC unroll 6
        for (size_t x = 0; x < kColumns + 2; ++x) Store(points[x], out + (y * 6 + x) * point_pitch + c);
      });
    }
  }

  // One tile's sums of a panel, of the point in row y and column x sums[y * 6 + x][Isa::kBlock][Isa::kPanel], as out
  // [kRows][kColumns][Isa::kPanel] with the bias; or of 2x2 of them the largest, as [kRows / 2][kColumns / 2]. kTimes:
  // both are kWinogradTimes what they should be.
  template <int kRows, int kColumns, bool kPooled, bool kTimes>
  __attribute__((noinline)) static void Back(const int32_t* sums, const int32_t* bias, int32_t* out) {
    for (size_t part = 0; part < Isa::kPanel; part += kSums) {
      const Sums start = Load<Sums>(bias + part);
      Sums half[kRows][kColumns + 2];
      Repeat<kColumns + 2>([&](size_t x) __attribute__((always_inline)) {
        Sums m[kRows + 2];
        Sums outputs[kRows];
#pragma GCC unroll 6
        for (size_t y = 0; y < kRows + 2; ++y) {
          m[y] = Load<Sums>(sums + (y * 6 + x) * (Isa::kBlock * Isa::kPanel) + part);
        }
        WinogradForm<kRows>::Back(m, outputs);
#pragma GCC unroll 4
        for (size_t y = 0; y < kRows; ++y) half[y][x] = outputs[y];
      });
      int32_t* to = out + part;
      constexpr size_t kTogether = kPooled ? 2 : 1;
      Repeat<kRows / kTogether>([&](size_t step) __attribute__((always_inline)) {
        const size_t y = step * kTogether;
        Signed row[kColumns];
        RowOf<kColumns, kTimes>(half[y], row);
        if constexpr (kPooled) {
          Signed lower[kColumns];
          RowOf<kColumns, kTimes>(half[y + 1], lower);
#pragma GCC unroll 4
          for (size_t x = 0; x < kColumns; ++x) row[x] = Larger(row[x], lower[x]);
#pragma GCC unroll 2
          for (size_t x = 0; x < kColumns / 2; ++x) row[x] = Larger(row[2 * x], row[2 * x + 1]);
        }
#pragma GCC unroll 4
        for (size_t x = 0; x < kColumns / kTogether; ++x, to += Isa::kPanel) {
          Store(reinterpret_cast<Sums>(kTimes ? row[x] : row[x] >> 6) + start, to);
        }
      });
    }
  }

  // The sums of a row, after the transform of its columns, times 576 or times 64.
  template <int kColumns, bool kTimes>
  __attribute__((always_inline)) static void RowOf(const Sums (&half)[kColumns + 2], Signed (&row)[kColumns]) {
    constexpr uint32_t kInverseOfNine = 0x38E38E39;
    Sums outputs[kColumns];
    WinogradForm<kColumns>::Back(half, outputs);
#pragma GCC unroll 4
    for (size_t x = 0; x < kColumns; ++x) {
      row[x] = reinterpret_cast<Signed>(kTimes ? outputs[x] : outputs[x] * kInverseOfNine);
    }
  }

  __attribute__((always_inline)) static Signed Larger(Signed a, Signed b) { return a > b ? a : b; }

  // The largest of rows x columns pixels of a tile that has `pitch` pixels in a row, channel by channel.
  static void Largest(const int32_t* pixels, int32_t rows, int32_t columns, int32_t pitch, int32_t* out) {
    for (size_t part = 0; part < Isa::kPanel; part += kSums) {
      auto largest = Load<Signed>(pixels + part);
      for (int32_t y = 0; y < rows; ++y) {
        for (int32_t x = y == 0 ? 1 : 0; x < columns; ++x) {
          const auto other = Load<Signed>(pixels + static_cast<size_t>(y * pitch + x) * Isa::kPanel + part);
          largest = Larger(largest, other);
        }
      }
      Store(largest, out + part);
    }
  }

  using InputFunction = void (*)(const int16_t*, size_t, size_t, int16_t*, size_t);
  using BackFunction = void (*)(const int32_t*, const int32_t*, int32_t*);

  // By rows and columns of the tile, less 2.
  static constexpr InputFunction kInput[3][3] = {{Input<2, 2>, Input<2, 3>, Input<2, 4>},
                                                 {Input<3, 2>, Input<3, 3>, Input<3, 4>},
                                                 {Input<4, 2>, Input<4, 3>, Input<4, 4>}};
  template <bool kTimes>
  static constexpr BackFunction kBack[3][3] = {
      {Back<2, 2, false, kTimes>, Back<2, 3, false, kTimes>, Back<2, 4, false, kTimes>},
      {Back<3, 2, false, kTimes>, Back<3, 3, false, kTimes>, Back<3, 4, false, kTimes>},
      {Back<4, 2, false, kTimes>, Back<4, 3, false, kTimes>, Back<4, 4, false, kTimes>}};
  template <bool kTimes>
  static constexpr BackFunction kBackPooled[3][3] = {{Back<2, 2, true, kTimes>, nullptr, Back<2, 4, true, kTimes>},
                                                     {nullptr, nullptr, nullptr},
                                                     {Back<4, 2, true, kTimes>, nullptr, Back<4, 4, true, kTimes>}};

  // The way back of a tile; nullptr: there is none that pools. `times`: as kTimes, which not every Isa has.
  static BackFunction BackOf(int32_t rows, int32_t columns, bool pooled, bool times) {
    if constexpr (kHasTimes) {
      if (times) return (pooled ? kBackPooled<true> : kBack<true>)[rows - 2][columns - 2];
    }
    return (pooled ? kBackPooled<false> : kBack<false>)[rows - 2][columns - 2];
  }
  static constexpr bool kHasTimes = requires { &Isa::ProveTimes; };
};

}  // namespace glimpse::kernels
