// SPDX-License-Identifier: Apache-2.0
// winograd.h with AVX2. Tiles of 4x4 outputs go through in blocks of at most kBlock: their 6x6 inputs are transformed,
// 16 channels at a time, which gives 36 matrices [tile][channel]; each is multiplied by the matrix of transformed
// weights of its point, by the inner kernel of the ordinary convolution; sums are transformed back, 16 output channels
// at a time. Input is staged a band of tile rows at a time, centred and with its padding written out.
#include "kernels/conv2d/winograd_avx2.h"

#include <immintrin.h>

#include "kernels/conv2d/sum_avx2.h"
#include "kernels/quant/stage_avx2.h"
#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

constexpr int32_t kPoints = 36;
constexpr int32_t kPanel = 16;  // output channels
constexpr int32_t kBlock = 12;  // tiles, a multiple of what the inner kernel takes at once
constexpr size_t kHeader = 64;
constexpr size_t kStagedBytes = 48 << 10;
constexpr int32_t kInverseOfNine = 0x38E38E39;

size_t Size(int64_t n) { return static_cast<size_t>(n); }
int32_t DivideUp(int32_t a, int32_t b) { return (a + b - 1) / b; }
int32_t Min(int32_t a, int32_t b) { return a < b ? a : b; }
size_t Aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Outputs along an axis that are computed: all, or those that the pool looks at.
int32_t LiveOutputs(const WindowAxis& axis, const WindowAxis* pool) {
  if (pool == nullptr) return axis.output;
  const int32_t seen = (pool->output - 1) * pool->stride + pool->filter;
  return seen < axis.output ? seen : axis.output;
}
int32_t LiveRows(const Conv2DParams& p) { return LiveOutputs(p.height, p.pool ? &p.pool->height : nullptr); }
int32_t LiveColumns(const Conv2DParams& p) { return LiveOutputs(p.width, p.pool ? &p.pool->width : nullptr); }

struct Geometry {
  int32_t tile_rows;
  int32_t tile_columns;
  int32_t panels;
  int32_t lanes;
  size_t row_elements;  // of a staged row
  int32_t band;         // tile rows staged at once
};

Geometry GeometryOf(const Conv2DParams& p) {
  Geometry g{};
  g.tile_rows = DivideUp(LiveRows(p), 4);
  g.tile_columns = DivideUp(LiveColumns(p), 4);
  g.panels = DivideUp(p.output_depth, kPanel);
  g.lanes = g.panels * kPanel;
  g.row_elements = (Size(g.tile_columns) * 4 + 2) * Size(p.input_depth);
  const auto rows = static_cast<int32_t>(kStagedBytes / (g.row_elements * sizeof(int16_t)) / 4);
  g.band = rows < 2 ? 2 : rows;
  if (g.band > g.tile_rows) g.band = g.tile_rows;
  return g;
}

size_t StagedBytes(const Geometry& g) { return Aligned((Size(g.band) * 4 + 2) * g.row_elements * sizeof(int16_t)); }
size_t InputBytes(const Conv2DParams& p) { return Size(kPoints) * kBlock * Size(p.input_depth) * sizeof(int16_t); }

// Six rows of six values, 16 channels each.
struct Six {
  __m256i v[6];
};

// B d.
__attribute__((always_inline)) inline Six TransformInput(const Six& d) {
  const __m256i a = _mm256_sub_epi16(d.v[4], _mm256_slli_epi16(d.v[2], 2));
  const __m256i b = _mm256_sub_epi16(d.v[3], _mm256_slli_epi16(d.v[1], 2));
  const __m256i c = _mm256_sub_epi16(d.v[4], d.v[2]);
  const __m256i e = _mm256_slli_epi16(_mm256_sub_epi16(d.v[3], d.v[1]), 1);
  // a - d2 + 4 d0, and b - d3 shifted by one place: 4 d1 - 5 d3 + d5.
  const __m256i first = _mm256_add_epi16(_mm256_sub_epi16(a, d.v[2]), _mm256_slli_epi16(d.v[0], 2));
  const __m256i five = _mm256_add_epi16(_mm256_slli_epi16(d.v[3], 2), d.v[3]);
  const __m256i last = _mm256_add_epi16(_mm256_sub_epi16(_mm256_slli_epi16(d.v[1], 2), five), d.v[5]);
  return {
      {first, _mm256_add_epi16(a, b), _mm256_sub_epi16(a, b), _mm256_add_epi16(c, e), _mm256_sub_epi16(c, e), last}};
}

__attribute__((always_inline)) inline __m256i Load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
__attribute__((always_inline)) inline void Store(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}

// All channels of one tile, whose input begins at `in`; point i goes to out + i * point_pitch.
void TransformTile(const int16_t* in, size_t row_pitch, size_t depth, int16_t* out, size_t point_pitch) {
  for (size_t c = 0; c < depth; c += 16) {
    Six columns[6];  // of B d, column by column
    for (size_t x = 0; x < 6; ++x) {
      Six d;
#pragma GCC unroll 6
      for (size_t y = 0; y < 6; ++y) d.v[y] = Load(in + y * row_pitch + x * depth + c);
      columns[x] = TransformInput(d);
    }
    for (size_t y = 0; y < 6; ++y) {
      Six d;
#pragma GCC unroll 6
      for (size_t x = 0; x < 6; ++x) d.v[x] = columns[x].v[y];
      const Six row = TransformInput(d);
#pragma GCC unroll 6
      for (size_t x = 0; x < 6; ++x) Store(out + (y * 6 + x) * point_pitch + c, row.v[x]);
    }
  }
}

// sums[point][tile][16] = the products of a panel's matrices with kTiles tiles, all points: Sum256 without what it
// would do for each of them again, which short sums feel.
template <int kTiles>
void MultiplyPoints(const int16_t* transformed, size_t depth, const int16_t* weights, int32_t* sums) {
  constexpr int kThirds = (kTiles + 2) / 3;
  for (int32_t point = 0; point < kPoints; ++point) {
    __m256i acc[kTiles][2];
#pragma GCC unroll 6
    for (int t = 0; t < kTiles; ++t) acc[t][0] = acc[t][1] = _mm256_setzero_si256();
    const int16_t* at[kThirds];
#pragma GCC unroll 2
    for (int k = 0; k < kThirds; ++k) {
      at[k] = transformed + Size(3 * k) * depth;
      asm("" : "+r"(at[k]));  // as in Sum()
    }
    for (size_t step = depth / 2; step != 0; --step) {
      const __m256i w[2] = {Load(weights), Load(weights + 16)};
      weights += 2 * kPanel;
#pragma GCC unroll 6
      for (int t = 0; t < kTiles; ++t) {
        const __m256i x = BroadcastPair(at[t / 3] + Size(t % 3) * depth);
        MultiplyAdd(acc[t][0], x, w[0]);
        MultiplyAdd(acc[t][1], x, w[1]);
      }
#pragma GCC unroll 2
      for (int k = 0; k < kThirds; ++k) at[k] += 2;
    }
#pragma GCC unroll 6
    for (int t = 0; t < kTiles; ++t) {
      Store(sums + t * kPanel, acc[t][0]);
      Store(sums + t * kPanel + 8, acc[t][1]);
    }
    transformed += kBlock * depth;
    sums += kBlock * kPanel;
  }
}

using PointsFunction = void (*)(const int16_t*, size_t, const int16_t*, int32_t*);
constexpr PointsFunction kMultiplyPoints[] = {MultiplyPoints<1>, MultiplyPoints<2>, MultiplyPoints<3>,
                                              MultiplyPoints<4>, MultiplyPoints<5>, MultiplyPoints<6>};

struct Four {
  __m256i v[4];
};

// A' m, modulo 2^32.
__attribute__((always_inline)) inline Four TransformSums(const Six& m) {
  const __m256i s1 = _mm256_add_epi32(m.v[1], m.v[2]);
  const __m256i d1 = _mm256_sub_epi32(m.v[1], m.v[2]);
  const __m256i s2 = _mm256_add_epi32(m.v[3], m.v[4]);
  const __m256i d2 = _mm256_slli_epi32(_mm256_sub_epi32(m.v[3], m.v[4]), 1);
  const __m256i last = _mm256_add_epi32(_mm256_add_epi32(d1, _mm256_slli_epi32(d2, 2)), _mm256_slli_epi32(m.v[5], 1));
  return {{_mm256_add_epi32(_mm256_add_epi32(m.v[0], s1), s2), _mm256_add_epi32(d1, d2),
           _mm256_add_epi32(s1, _mm256_slli_epi32(s2, 2)), last}};
}

// One tile's 36 sums of a panel, point i at sums + i * point_pitch, as out[row][column][16] with the bias.
void TransformBack(const int32_t* sums, size_t point_pitch, const int32_t* bias, int32_t* out) {
  const __m256i inverse = _mm256_set1_epi32(kInverseOfNine);
  for (size_t half = 0; half < kPanel; half += 8) {
    const __m256i start = Load(bias + half);
    Four columns[6];
    for (size_t x = 0; x < 6; ++x) {
      Six m;
#pragma GCC unroll 6
      for (size_t y = 0; y < 6; ++y) m.v[y] = Load(sums + (y * 6 + x) * point_pitch + half);
      columns[x] = TransformSums(m);
    }
    for (size_t y = 0; y < 4; ++y) {
      Six m;
#pragma GCC unroll 6
      for (size_t x = 0; x < 6; ++x) m.v[x] = columns[x].v[y];
      const Four row = TransformSums(m);
#pragma GCC unroll 4
      for (size_t x = 0; x < 4; ++x) {
        const __m256i y64 = _mm256_mullo_epi32(row.v[x], inverse);
        Store(out + (y * 4 + x) * kPanel + half, _mm256_add_epi32(_mm256_srai_epi32(y64, 6), start));
      }
    }
  }
}

// The largest of rows x columns pixels of a tile, channel by channel.
void LargestOf(const int32_t* pixels, int32_t rows, int32_t columns, int32_t* out) {
  for (size_t half = 0; half < kPanel; half += 8) {
    __m256i largest = Load(pixels + half);
    for (int32_t y = 0; y < rows; ++y) {
      for (int32_t x = 0; x < columns; ++x) {
        largest = _mm256_max_epi32(largest, Load(pixels + Size(y * 4 + x) * kPanel + half));
      }
    }
    Store(out + half, largest);
  }
}

// Staged row `to` of input row `row`, whose first column is -pad_before.
void StageRow(const Conv2DParams& p, size_t elements, const int8_t* input, int32_t row, int16_t* to) {
  const int16_t* const end = to + elements;
  if (row >= 0 && row < p.height.input) {
    for (size_t i = 0; i < Size(p.width.pad_before) * Size(p.input_depth); ++i) *to++ = 0;
    const size_t room = Size(end - to);
    const size_t count = Size(p.width.input) * Size(p.input_depth);
    StageCentred256(input + Size(row) * count, count < room ? count : room, p.linear.input_zero_point, to);
    to += count < room ? count : room;
  }
  while (to < end) *to++ = 0;
}

struct Packed {
  LaneScales scales;
  const int16_t* weights;
};

LaneScales ScalesIn(const Conv2DParams& p, void* packed) {
  return MapLaneScales(p.linear, *static_cast<ScaleForm*>(packed), GeometryOf(p).lanes,
                       static_cast<uint8_t*>(packed) + kHeader);
}
int16_t* WeightsIn(const Conv2DParams& p, void* packed) {
  return reinterpret_cast<int16_t*>(static_cast<uint8_t*>(packed) + kHeader + LaneScalesBytes(GeometryOf(p).lanes));
}

// One tile's sums [row][column][16], whose first output is (top, left), of the channels from `first_channel` on.
void StoreTile(const Conv2DParams& p, const LaneScales& scales, const int32_t* pixels, int32_t top, int32_t left,
               int32_t first_channel, int8_t* image) {
  const int32_t channels = Min(p.output_depth - first_channel, kPanel);
  const int32_t rows = Min(p.height.output - top, 4);
  const int32_t columns = Min(p.width.output - left, 4);
  const auto store = [&](const int32_t* from, int32_t count, int32_t y, int32_t x, int32_t width) {
    StoreTile256(2, scales, Size(first_channel), from, count, channels,
                 image + (Size(y) * Size(width) + Size(x)) * Size(p.output_depth) + first_channel, p.output_depth);
  };
  if (!p.pool && channels == kPanel && rows == 4) {
    // All at once, since what scaling needs is loaded once then; the rows lie apart.
    alignas(16) int8_t bytes[16 * kPanel];
    StoreTile256(2, scales, Size(first_channel), pixels, 16, kPanel, bytes, kPanel);
    for (int32_t y = 0; y < 4; ++y) {
      int8_t* out = image + (Size(top + y) * Size(p.width.output) + Size(left)) * Size(p.output_depth) + first_channel;
      for (int32_t x = 0; x < columns; ++x, out += p.output_depth) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                         _mm_load_si128(reinterpret_cast<const __m128i*>(bytes + (y * 4 + x) * kPanel)));
      }
    }
    return;
  }
  if (!p.pool) {
    for (int32_t y = 0; y < rows; ++y) store(pixels + y * 4 * kPanel, columns, top + y, left, p.width.output);
    return;
  }
  const WindowAxis& height = p.pool->height;
  const WindowAxis& width = p.pool->width;
  alignas(32) int32_t pooled[2 * kPanel];  // of a row
  for (int32_t y = top / height.stride, r = 0; r < rows && y < height.output; ++y, r += height.stride) {
    int32_t count = 0;
    for (int32_t c = 0; c < columns && left / width.stride + count < width.output; c += width.stride, ++count) {
      LargestOf(pixels + (r * 4 + c) * kPanel, Min(height.filter, rows - r), Min(width.filter, columns - c),
                pooled + count * kPanel);
    }
    if (count > 0) store(pooled, count, y, left / width.stride, width.output);
  }
}

// Tiles [first, first + count) of a band, in the order of reading; `top` is the band's first row of outputs, `output`
// the image's first.
void RunBlock(const Conv2DParams& p, const Geometry& g, const Packed& packed, const int16_t* staged, int32_t first,
              int32_t count, int32_t top, int16_t* transformed, int32_t* sums, int8_t* output) {
  const size_t depth = Size(p.input_depth);
  const size_t point_pitch = kBlock * depth;
  for (int32_t t = 0; t < count; ++t) {
    const size_t y = Size((first + t) / g.tile_columns) * 4;
    const size_t x = Size((first + t) % g.tile_columns) * 4;
    TransformTile(staged + y * g.row_elements + x * depth, g.row_elements, depth, transformed + Size(t) * depth,
                  point_pitch);
  }
  alignas(32) int32_t pixels[16 * kPanel];
  const int32_t groups = DivideUp(count, MaxPixels256(2));
  for (int32_t panel = 0; panel < g.panels; ++panel) {
    const int16_t* weights = packed.weights + Size(panel) * kPoints * kPanel * depth;
    for (int32_t group = 0, t = 0; group < groups; ++group) {
      const int32_t some = count / groups + (group < count % groups ? 1 : 0);
      kMultiplyPoints[some - 1](transformed + Size(t) * depth, depth, weights, sums + Size(t) * kPanel);
      t += some;
    }
    for (int32_t t = 0; t < count; ++t) {
      TransformBack(sums + Size(t) * kPanel, Size(kBlock) * kPanel, packed.scales.bias + panel * kPanel, pixels);
      StoreTile(p, packed.scales, pixels, top + (first + t) / g.tile_columns * 4, (first + t) % g.tile_columns * 4,
                panel * kPanel, output);
    }
  }
}

}  // namespace

bool WinogradWinsAvx2(const Conv2DParams& p, const FilterView& filter) {
  // Measured: from 16 channels on it is about twice as fast where tiles fit the output; a few tiles do not make up for
  // reading four times the weights.
  if (p.input_depth % 16 != 0 || p.output_depth < 8 || !HasScaleForm(p.linear, p.output_depth)) return false;
  const int64_t tiles = int64_t{DivideUp(LiveRows(p), 4)} * DivideUp(LiveColumns(p), 4);
  const int64_t outputs = int64_t{LiveRows(p)} * LiveColumns(p);
  return tiles >= 4 && 10 * outputs >= 6 * 16 * tiles && WinogradIsExact(p, filter);
}

bool WinogradPoolsAvx2(const Conv2DParams& p) {
  if (!p.pool) return true;
  const auto fits = [](const WindowAxis& axis) {
    return axis.filter == axis.stride && (axis.stride == 2 || axis.stride == 4);
  };
  return fits(p.pool->height) && fits(p.pool->width);
}

size_t WinogradPackedBytesAvx2(const Conv2DParams& p) {
  const Geometry g = GeometryOf(p);
  return kHeader + LaneScalesBytes(g.lanes) + Size(kPoints) * Size(g.lanes) * Size(p.input_depth) * sizeof(int16_t);
}

size_t WinogradScratchBytesAvx2(const Conv2DParams& p) {
  return StagedBytes(GeometryOf(p)) + Aligned(InputBytes(p)) + Size(kPoints) * kBlock * kPanel * sizeof(int32_t);
}

void WinogradPackAvx2(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, void* packed) {
  const Geometry g = GeometryOf(p);
  *static_cast<ScaleForm*>(packed) = ChooseScaleForm(p.linear, p.output_depth);
  const LaneScales scales = ScalesIn(p, packed);
  int16_t* const weights = WeightsIn(p, packed);
  for (int32_t lane = 0; lane < g.lanes; ++lane) {
    const int32_t panel = lane / kPanel;
    const int32_t o = panel * kPanel + PackedChannel256(2, lane % kPanel / 8, lane % 8);
    const bool real = o < p.output_depth;
    const OutputScale* const scale = real ? p.linear.scales + o : nullptr;
    SetLane(scales, lane, 8, scale, real && bias != nullptr ? bias[o] : 0);
    ProveLane256(scales, lane, scale, p.linear, int64_t{p.batches} * p.height.output * p.width.output);
    for (int32_t c = 0; c < p.input_depth; ++c) {
      int16_t transformed[kPoints] = {};
      if (real) TransformWeights(filter, o, c, transformed);
      // [panel][point][pair of channels][lane][channel]
      for (int32_t point = 0; point < kPoints; ++point) {
        const size_t matrix = (Size(panel) * kPoints + Size(point)) * kPanel * Size(p.input_depth);
        weights[matrix + Size(c / 2) * 2 * kPanel + Size(lane % kPanel) * 2 + Size(c % 2)] = transformed[point];
      }
    }
  }
}

void WinogradRunAvx2(const Conv2DParams& p, const void* packed_memory, const int8_t* input, void* scratch,
                     int8_t* output) {
  void* const memory = const_cast<void*>(packed_memory);
  const Geometry g = GeometryOf(p);
  const Packed packed{ScalesIn(p, memory), WeightsIn(p, memory)};
  auto* const staged = static_cast<int16_t*>(scratch);
  auto* const transformed = reinterpret_cast<int16_t*>(static_cast<uint8_t*>(scratch) + StagedBytes(g));
  auto* const sums = reinterpret_cast<int32_t*>(reinterpret_cast<uint8_t*>(transformed) + Aligned(InputBytes(p)));
  const size_t image = Size(p.height.input) * Size(p.width.input) * Size(p.input_depth);
  const size_t result = Size(p.pool ? p.pool->height.output : p.height.output) *
                        Size(p.pool ? p.pool->width.output : p.width.output) * Size(p.output_depth);
  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t tile_row = 0; tile_row < g.tile_rows; tile_row += g.band) {
      const int32_t band = g.tile_rows - tile_row < g.band ? g.tile_rows - tile_row : g.band;
      for (int32_t i = 0; i < band * 4 + 2; ++i) {
        StageRow(p, g.row_elements, input, tile_row * 4 + i - p.height.pad_before, staged + Size(i) * g.row_elements);
      }
      const int32_t tiles = band * g.tile_columns;
      for (int32_t first = 0; first < tiles; first += kBlock) {
        RunBlock(p, g, packed, staged, first, Min(tiles - first, kBlock), tile_row * 4, transformed, sums, output);
      }
    }
    output += result;
  }
}

}  // namespace glimpse::kernels
