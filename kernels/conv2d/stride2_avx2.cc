// SPDX-License-Identifier: Apache-2.0
// stride2_avx2.h. Tiles of 2x2 outputs go through in blocks: their inputs are transformed, which gives a row of 25
// products' inputs for each tile; each of the nine sums is a matrix product of a part of these rows; what comes out is
// added up, scaled and stored tile by tile.
#include "kernels/conv2d/stride2_avx2.h"

#include <immintrin.h>

#include <cstring>

#include "kernels/conv2d/sum_avx2.h"
#include "kernels/conv2d/sum_cost_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

using P = Conv2DParams;

constexpr int32_t kPanel = 16;
constexpr int32_t kBlock = 12;
constexpr int32_t kVector = 16;  // channels of input that are transformed at once
constexpr size_t kHeader = 64;
constexpr size_t kStagedBytes = 24 << 10;

// Along an axis: the products of y0 - s, of y1 - s, and s, by the place of the first and how many there are.
struct Axis {
  int first;
  int count;
};
constexpr Axis kAxis[] = {{0, 2}, {2, 2}, {4, 1}};
constexpr int kProducts = 5;
constexpr int kPoints = kProducts * kProducts;
constexpr int kSums = 9;

// The places of each sum's products, which follow one another.
struct Places {
  int first[kSums + 1];
};
constexpr Places MakePlaces() {
  Places places{};
  for (int s = 0; s < kSums; ++s) places.first[s + 1] = places.first[s] + kAxis[s / 3].count * kAxis[s % 3].count;
  return places;
}
constexpr Places kPlaces = MakePlaces();
static_assert(kPlaces.first[kSums] == kPoints);

// That of row i and column j.
constexpr int PlaceOf(int i, int j) {
  const int y = i / 2;
  const int x = j / 2;
  return kPlaces.first[y * 3 + x] + (i - kAxis[y].first) * kAxis[x].count + j - kAxis[x].first;
}

constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }
constexpr int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }
constexpr size_t Aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

struct Geometry {
  int32_t rows;      // of tiles
  int32_t columns;   // of tiles
  int32_t band;      // rows of tiles staged at once
  int32_t block;     // tiles transformed at once, at most
  size_t row_bytes;  // of a staged row
};

// Blocks fit the first cache.
int32_t BlockOf(const P& p) { return p.input_depth <= 64 ? kBlock : kBlock / 2; }

Geometry GeometryOf(const P& p) {
  Geometry g{};
  g.rows = (p.height.output + 1) / 2;
  g.columns = (p.width.output + 1) / 2;
  g.block = BlockOf(p);
  g.row_bytes = (Size(g.columns) * 4 + 1) * Size(p.input_depth);
  const auto fit = static_cast<int32_t>(kStagedBytes / (4 * g.row_bytes));
  g.band = Min(fit < 2 ? 2 : fit, g.rows);
  return g;
}

int32_t Lanes(const P& p) { return (p.output_depth + kPanel - 1) / kPanel * kPanel; }
size_t StagedBytes(const Geometry& g) { return Aligned((Size(g.band) * 4 + 1) * g.row_bytes); }
size_t PointBytes(const P& p) { return Size(kBlock) * kPoints * Size(p.input_depth) * sizeof(int16_t); }

struct Packed {
  LaneScales scales;  // the bias is that of the last sum
  int16_t* weights;   // [panel][place][channel / 2][lane][channel % 2]
};

Packed PackedIn(const P& p, void* memory) {
  auto* const scales = static_cast<uint8_t*>(memory) + kHeader;
  return {MapLaneScales(p.linear, *static_cast<ScaleForm*>(memory), Lanes(p), scales),
          reinterpret_cast<int16_t*>(scales + LaneScalesBytes(Lanes(p)))};
}

// Of one input and output channel, [place]; returns the sum of the nine weights.
int32_t TransformFilter(const FilterView& filter, int32_t o, int32_t c, int16_t (&to)[kPoints]) {
  const int8_t* const w = filter.data + o * filter.output + c * filter.channel;
  const auto along = [](const auto& at, int i) { return i == 4 ? at(0) + at(2) : at(i == 3 ? 1 : i); };
  int32_t sum = 0;
  for (int fy = 0; fy < 3; ++fy) {
    for (int fx = 0; fx < 3; ++fx) sum += w[fy * filter.row + fx * filter.column];
  }
  for (int i = 0; i < kProducts; ++i) {
    for (int j = 0; j < kProducts; ++j) {
      const auto row = [&](int fy) {
        return along([&](int fx) { return int32_t{w[fy * filter.row + fx * filter.column]}; }, j);
      };
      to[PlaceOf(i, j)] = static_cast<int16_t>(along(row, i));
    }
  }
  return sum;
}

// Five inputs along an axis to the five that are multiplied.
struct Five {
  __m256i v[kProducts];

  __attribute__((always_inline)) static Five Transformed(const __m256i (&d)[5]) {
    return {{_mm256_sub_epi16(d[0], d[2]), d[1], _mm256_sub_epi16(d[4], d[2]), d[3], d[2]}};
  }
};

// All channels of the tile whose 5x5 inputs begin at `in`: out[place][depth].
void TransformTile(const int8_t* in, size_t row_bytes, size_t depth, int16_t* out) {
  for (size_t c = 0; c < depth; c += kVector, in += kVector, out += kVector) {
    const auto row = [&](size_t y) __attribute__((always_inline)) {
      __m256i d[5];
#pragma GCC unroll 5
      for (size_t x = 0; x < 5; ++x) {
        const int8_t* const at = in + y * row_bytes + x * depth;
        d[x] = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
      }
      return Five::Transformed(d);
    };
    const auto store = [&]<int kRow>(const Five& points) __attribute__((always_inline)) {
      constexpr size_t kRowPlaces[] = {PlaceOf(kRow, 0), PlaceOf(kRow, 1), PlaceOf(kRow, 2), PlaceOf(kRow, 3),
                                       PlaceOf(kRow, 4)};
#pragma GCC unroll 5
      for (size_t j = 0; j < kProducts; ++j) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + kRowPlaces[j] * depth), points.v[j]);
      }
    };
    const Five middle = row(2);
    const auto less_middle = [&](Five points) __attribute__((always_inline)) {
#pragma GCC unroll 5
      for (size_t j = 0; j < kProducts; ++j) points.v[j] = _mm256_sub_epi16(points.v[j], middle.v[j]);
      return points;
    };
    store.template operator()<4>(middle);
    store.template operator()<0>(less_middle(row(0)));
    store.template operator()<1>(row(1));
    store.template operator()<2>(less_middle(row(4)));
    store.template operator()<3>(row(3));
  }
}

// Staged row `to` of input row `row`, whose first column is -pad_before.
void StageRow(const P& p, const Geometry& g, const int8_t* input, int32_t row, int8_t* to) {
  const size_t before = Size(p.width.pad_before) * Size(p.input_depth);
  const size_t all = Size(p.width.input) * Size(p.input_depth);
  const bool inside = row >= 0 && row < p.height.input && before < g.row_bytes;
  const size_t count = !inside ? 0 : all < g.row_bytes - before ? all : g.row_bytes - before;
  if (count < g.row_bytes) std::memset(to, p.linear.input_zero_point, g.row_bytes);
  if (count > 0) std::memcpy(to + before, input + Size(row) * all, count);
}

// sums[kSums][kBlock][kPanel] of one panel and `tiles` tiles.
void Multiply(const P& p, const Packed& packed, int32_t panel, int32_t tiles, const int16_t* points, int32_t* sums) {
  alignas(32) static constexpr int32_t kZeros[kPanel] = {};
  const size_t depth = Size(p.input_depth);
  const int16_t* const weights = packed.weights + Size(panel) * kPoints * kPanel * depth;
  SumLoops loops;
  loops.pixel_pitch = static_cast<ptrdiff_t>(kPoints * depth);
  constexpr int32_t kMost = 6;
  static_assert(kBlock <= 2 * kMost);
  const int32_t first = tiles <= kMost ? tiles : (tiles + 1) / 2;
  for (int s = 0; s < kSums; ++s, sums += kBlock * kPanel) {
    const size_t at = Size(kPlaces.first[s]) * depth;
    loops.steps = (kPlaces.first[s + 1] - kPlaces.first[s]) * p.input_depth / 2;
    const int32_t* const start = s == kSums - 1 ? packed.scales.bias + Size(panel) * kPanel : kZeros;
    Sum256(2, first, loops, points + at, weights + at * kPanel, start, sums);
    if (first == tiles) continue;
    Sum256(2, tiles - first, loops, points + at + first * loops.pixel_pitch, weights + at * kPanel, start,
           sums + first * kPanel);
  }
}

// The outputs of one tile, of which the first rows x columns exist. `sums`: its own in those of Multiply().
template <ScaleForm kForm>
__attribute__((always_inline)) inline void StoreTile(const TileStore256<kForm, 2>& store, const int32_t* sums,
                                                     int32_t rows, int32_t columns, int32_t channels, int8_t* out,
                                                     size_t row_pitch, size_t pitch) {
  const auto sum = [&](int y, int x, int v) __attribute__((always_inline)) {
    return Load(sums + Size(y * 3 + x) * kBlock * kPanel + Size(v) * 8);
  };
  __m256i y[2][2][2];  // [row][column][vector]
#pragma GCC unroll 2
  for (int v = 0; v < 2; ++v) {
    const __m256i last[] = {sum(2, 0, v), sum(2, 1, v), sum(2, 2, v)};
#pragma GCC unroll 2
    for (int r = 0; r < 2; ++r) {
      const __m256i shared = _mm256_add_epi32(sum(r, 2, v), last[2]);
#pragma GCC unroll 2
      for (int c = 0; c < 2; ++c) {
        y[r][c][v] = _mm256_add_epi32(_mm256_add_epi32(sum(r, c, v), last[c]), shared);
      }
    }
  }
  if (rows == 2 && columns == 2 && channels == kPanel) {
    store.Together(&y[0][0][0], out, static_cast<ptrdiff_t>(pitch));
    store.Together(&y[1][0][0], out + row_pitch, static_cast<ptrdiff_t>(pitch));
    return;
  }
#pragma GCC unroll 2
  for (int r = 0; r < 2; ++r) {
#pragma GCC unroll 2
    for (int c = 0; c < 2; ++c) {
      if (r < rows && c < columns) store.One(&y[r][c][0], channels, out + Size(r) * row_pitch + Size(c) * pitch);
    }
  }
}

// Tiles [begin, end) of an image, whose rows from `top` on are staged.
void RunBlock(const P& p, const Geometry& g, const Packed& packed, int32_t begin, int32_t end, int32_t top,
              const int8_t* staged, int16_t* points, int32_t* sums, int8_t* output) {
  const size_t depth = Size(p.input_depth);
  for (int32_t t = begin; t < end; ++t) {
    const int8_t* const in = staged + Size(t / g.columns - top) * 4 * g.row_bytes + Size(t % g.columns) * 4 * depth;
    TransformTile(in, g.row_bytes, depth, points + Size(t - begin) * kPoints * depth);
  }
  const size_t pitch = Size(p.output_depth);
  const size_t row_pitch = Size(p.width.output) * pitch;
  for (int32_t panel = 0; panel * kPanel < p.output_depth; ++panel) {
    Multiply(p, packed, panel, end - begin, points, sums);
    const int32_t channels = Min(kPanel, p.output_depth - panel * kPanel);
    const size_t lane = Size(panel) * kPanel;
    WithLaneForm256(packed.scales, lane, 2, [&]<ScaleForm kForm>() {
      const TileStore256<kForm, 2> store(packed.scales, lane);
      for (int32_t t = begin; t < end; ++t) {
        const int32_t y = t / g.columns * 2;
        const int32_t x = t % g.columns * 2;
        StoreTile(store, sums + Size(t - begin) * kPanel, Min(2, p.height.output - y), Min(2, p.width.output - x),
                  channels, output + Size(y) * row_pitch + Size(x) * pitch + lane, row_pitch, pitch);
      }
    });
  }
}

int32_t Blocks(int32_t tiles, int32_t block) { return (tiles + block - 1) / block; }

// Cycles of an image, estimated as those of winograd_avx2.cc: a tile's transform takes so many for sixteen channels of
// input, and its way out for a panel.
int64_t Cycles(const P& p, int64_t panels) {
  constexpr int64_t kInput = 35;
  constexpr int64_t kBack = 25;
  constexpr int64_t kFixed = 500;
  const Geometry g = GeometryOf(p);
  const int64_t tiles = int64_t{g.rows} * g.columns;
  const int64_t steps = panels * kPoints * p.input_depth / 2;
  const int32_t band = g.band * g.columns;
  const int64_t in_block = band / Blocks(band, g.block);
  const int64_t products = steps * tiles / in_block * StepCycles(in_block, ReadingCycles(2 * steps * kPanel)) / 3;
  return products + tiles * (kInput * p.input_depth / kVector + kBack * panels) + kFixed;
}

}  // namespace

bool Stride2WinsAvx2(const P& p) {
  const auto fits = [](const WindowAxis& axis) { return axis.filter == 3 && axis.stride == 2 && axis.dilation == 1; };
  if (!fits(p.height) || !fits(p.width) || p.groups != 1 || p.pool || p.input_depth % kVector != 0 ||
      p.output_depth <= 8 || !HasScaleForm(p.linear, p.output_depth)) {
    return false;
  }
  const int64_t panels = (int64_t{p.output_depth} + kPanel - 1) / kPanel;
  const int64_t steps = panels * 9 * p.input_depth / 2;
  const int64_t pixels = int64_t{p.height.output} * p.width.output;
  const int64_t written_out = steps * StepCycles(pixels, ReadingCycles(2 * steps * kPanel)) / 3;
  return 10 * Cycles(p, panels) < 9 * written_out;
}

size_t Stride2PackedBytesAvx2(const P& p) {
  return kHeader + LaneScalesBytes(Lanes(p)) + Size(kPoints) * Size(Lanes(p)) * Size(p.input_depth) * sizeof(int16_t);
}

size_t Stride2ScratchBytesAvx2(const P& p) {
  return StagedBytes(GeometryOf(p)) + Aligned(PointBytes(p)) + Size(kSums) * kBlock * kPanel * sizeof(int32_t);
}

void Stride2PackAvx2(const P& p, const FilterView& filter, const int32_t* bias, void* memory) {
  *static_cast<ScaleForm*>(memory) = ChooseScaleForm(p.linear, p.output_depth);
  const Packed packed = PackedIn(p, memory);
  const size_t depth = Size(p.input_depth);
  for (int32_t lane = 0; lane < Lanes(p); ++lane) {
    const int32_t o = lane / kPanel * kPanel + PackedChannel256(2, lane % kPanel / 8, lane % 8);
    const bool real = o < p.output_depth;
    int16_t* const to = packed.weights + Size(lane / kPanel) * kPoints * kPanel * depth + Size(lane % kPanel) * 2;
    uint32_t sum = 0;
    for (size_t c = 0; c < depth; ++c) {
      int16_t transformed[kPoints] = {};
      if (real) sum += static_cast<uint32_t>(TransformFilter(filter, o, static_cast<int32_t>(c), transformed));
      for (size_t place = 0; place < kPoints; ++place) {
        to[(place * depth + c) / 2 * (2 * kPanel) + c % 2] = transformed[place];
      }
    }
    const OutputScale* const scale = real ? p.linear.scales + o : nullptr;
    const uint32_t start = real && bias != nullptr ? static_cast<uint32_t>(bias[o]) : 0;
    SetLane(packed.scales, lane, 8, scale,
            static_cast<int32_t>(start - static_cast<uint32_t>(p.linear.input_zero_point) * sum));
    ProveLane256(packed.scales, lane, scale, p.linear, int64_t{p.batches} * p.height.output * p.width.output);
  }
}

void Stride2RunAvx2(const P& p, const void* memory, const int8_t* input, void* scratch, int8_t* output) {
  const Packed packed = PackedIn(p, const_cast<void*>(memory));
  const Geometry g = GeometryOf(p);
  auto* const staged = static_cast<int8_t*>(scratch);
  auto* const points = reinterpret_cast<int16_t*>(staged + StagedBytes(g));
  auto* const sums = reinterpret_cast<int32_t*>(reinterpret_cast<uint8_t*>(points) + Aligned(PointBytes(p)));
  for (int32_t n = 0; n < p.batches; ++n) {
    for (int32_t top = 0; top < g.rows; top += g.band) {
      const int32_t rows = Min(g.band, g.rows - top);
      for (int32_t i = 0; i <= rows * 4; ++i) {
        StageRow(p, g, input, top * 4 + i - p.height.pad_before, staged + Size(i) * g.row_bytes);
      }
      const int32_t tiles = rows * g.columns;
      const int32_t blocks = Blocks(tiles, g.block);
      const int32_t first = top * g.columns;
      // Dealt out evenly.
      for (int32_t b = 0; b < blocks; ++b) {
        RunBlock(p, g, packed, first + static_cast<int32_t>(int64_t{tiles} * b / blocks),
                 first + static_cast<int32_t>(int64_t{tiles} * (b + 1) / blocks), top, staged, points, sums, output);
      }
    }
    input += Size(p.height.input) * Size(p.width.input) * Size(p.input_depth);
    output += Size(p.height.output) * Size(p.width.output) * Size(p.output_depth);
  }
}

}  // namespace glimpse::kernels
