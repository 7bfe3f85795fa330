// SPDX-License-Identifier: Apache-2.0
// depthwise3x3_avx2.h. A block is sixteen lanes: as many channels, or eight channels of two strips. A strip is what one
// set of input rows gives: two rows of output with a stride of 1, one with a stride of 2 and where one is left.
#include "kernels/depthwise_conv2d/depthwise3x3_avx2.h"

#include <immintrin.h>

#include <cstring>

#include "kernels/quant/store_avx2.h"

namespace glimpse::kernels {
namespace {

using Params = DepthwiseConv2DParams;

constexpr size_t kHeader = 64;
constexpr size_t kVector = 16;                       // weights of eight lanes: pairs
constexpr size_t kRowWeights = 3 * 2 * 2 * kVector;  // of one output row: [column][pair of rows][vector][16]
constexpr size_t kBlockWeights = 2 * kRowWeights;
size_t Size(int64_t n) { return static_cast<size_t>(n); }

struct Geometry {
  bool halves;  // blocks of eight channels of two strips
  int32_t blocks;
  int32_t strip;  // rows of output of a whole strip
  // Whether the first column of the first output, the last one of the last output lie in the padding.
  bool left;
  bool right;
  size_t row_bytes;  // of a row of input
};

// Columns of input that the last output looks at beyond the end.
int32_t Beyond(const Params& p) {
  return (p.width.output - 1) * p.width.stride - p.width.pad_before + 3 - p.width.input;
}

Geometry GeometryOf(const Params& p) {
  Geometry g{};
  g.halves = p.input_depth % 16 != 0;
  g.blocks = p.input_depth / (g.halves ? 8 : 16);
  g.strip = p.height.stride == 1 ? 2 : 1;
  g.left = p.width.pad_before == 1;
  g.right = Beyond(p) == 1;
  g.row_bytes = Size(p.width.input) * Size(p.input_depth);
  return g;
}

LaneScales ScalesIn(const Params& p, const Geometry& g, void* packed) {
  return MapLaneScales(p.linear, *static_cast<ScaleForm*>(packed), g.blocks * 16,
                       static_cast<uint8_t*>(packed) + kHeader);
}
// What a sum has too little where the left column of its filter lies in the padding, and where the right one does:
// behind the scales, [side][lane].
int32_t* SidesIn(const Geometry& g, void* packed) {
  return reinterpret_cast<int32_t*>(static_cast<uint8_t*>(packed) + kHeader + LaneScalesBytes(g.blocks * 16));
}
size_t WeightsAt(const Geometry& g) {
  return kHeader + LaneScalesBytes(g.blocks * 16) + 2 * Size(g.blocks) * 16 * sizeof(int32_t);
}

// What all blocks need to go along one row of strips. The second strip is not looked at unless blocks are halves.
struct Strips {
  const int8_t* input[2][4] = {};
  int8_t* output[2][2] = {};
  size_t depth = 0;
  int32_t columns = 0;  // of output
  // Of the sides that lie in the padding, else nullptr.
  const int32_t* left = nullptr;
  const int32_t* right = nullptr;
};

__attribute__((always_inline)) inline __m256i Load(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}
__attribute__((always_inline)) inline __m128i Eight(const int8_t* from) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
}

// One column of input: [pair of rows][vector], each lane two rows.
struct Column {
  __m256i pairs[2][2];
};

template <bool kHalves>
__attribute__((always_inline)) inline __m256i Wide(const int8_t* first, const int8_t* second) {
  if constexpr (kHalves) return _mm256_cvtepi8_epi16(_mm_unpacklo_epi64(Eight(first), Eight(second)));
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(first)));
}

// Of a single row of output three rows of input: the weights of the fourth are 0.
template <int kRows, bool kHalves>
__attribute__((always_inline)) inline Column LoadColumn(const Strips& s, size_t at) {
  const auto row = [&](int i) { return Wide<kHalves>(s.input[0][i] + at, s.input[1][i] + at); };
  const __m256i x0 = row(0);
  const __m256i x1 = row(1);
  const __m256i x2 = row(2);
  const __m256i x3 = kRows == 2 ? row(3) : x2;
  return {{{_mm256_unpacklo_epi16(x0, x1), _mm256_unpackhi_epi16(x0, x1)},
           {_mm256_unpacklo_epi16(x2, x3), _mm256_unpackhi_epi16(x2, x3)}}};
}

// Sums of sixteen lanes of kRows rows of output.
template <int kRows>
struct Sums {
  __m256i v[kRows][2];

  __attribute__((always_inline)) void Set(const int32_t* bias) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      v[r][0] = Load(bias);
      v[r][1] = Load(bias + 8);
    }
  }
  // Where a side lies in the padding.
  __attribute__((always_inline)) void AddSide(const int32_t* side) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) {
      v[r][0] = _mm256_add_epi32(v[r][0], Load(side));
      v[r][1] = _mm256_add_epi32(v[r][1], Load(side + 8));
    }
  }
  // `weights`: those of the filter column, of the first row of output.
  __attribute__((always_inline)) void Add(const Column& x, const int16_t* weights) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r, weights += kRowWeights) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const __m256i w = Load(weights + Size(i) * kVector);
        v[r][i % 2] = _mm256_add_epi32(v[r][i % 2], _mm256_madd_epi16(x.pairs[i / 2][i % 2], w));
      }
    }
  }
};

// Scales sixteen lanes of kRows rows of output and stores them.
template <ScaleForm kForm, int kRows, bool kHalves>
class Store {
 public:
  __attribute__((always_inline)) Store(const LaneScales& scales, size_t lane)
      : low_(scales, lane),
        high_(scales, lane + 8),
        min_(_mm_set1_epi8(static_cast<char>(scales.min))),
        max_(_mm_set1_epi8(static_cast<char>(scales.max))) {}

  __attribute__((always_inline)) void operator()(const Sums<kRows>& sums, const Strips& s, size_t at) const {
    const __m256i first = _mm256_packs_epi32(low_(sums.v[0][0]), high_(sums.v[0][1]));
    if constexpr (kRows == 1) {
      const __m128i bytes = Final(_mm_packs_epi16(_mm256_castsi256_si128(first), _mm256_extracti128_si256(first, 1)));
      if constexpr (kHalves) {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(s.output[0][0] + at), bytes);
        StoreUpper(bytes, s.output[1][0] + at);
      } else {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(s.output[0][0] + at), bytes);
      }
    } else {
      const __m256i second = _mm256_packs_epi32(low_(sums.v[1][0]), high_(sums.v[1][1]));
      // Eight bytes of the one row, eight of the other, of the lower half; of the upper half.
      const __m256i bytes = _mm256_packs_epi16(first, second);
      const __m128i lower = Final(_mm256_castsi256_si128(bytes));
      const __m128i upper = Final(_mm256_extracti128_si256(bytes, 1));
      const size_t half = kHalves ? 1 : 0;
      const size_t shift = at + (kHalves ? 0 : 8);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(s.output[0][0] + at), lower);
      StoreUpper(lower, s.output[0][1] + at);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(s.output[half][0] + shift), upper);
      StoreUpper(upper, s.output[half][1] + shift);
    }
  }

 private:
  __attribute__((always_inline)) __m128i Final(__m128i bytes) const {
    return Clamp256<kForm>(InOrder256<kForm>(bytes), min_, max_);
  }
  __attribute__((always_inline)) static void StoreUpper(__m128i bytes, int8_t* out) {
    _mm_storeh_pd(reinterpret_cast<double*>(out), _mm_castsi128_pd(bytes));
  }

  Scaler256<kForm> low_;
  Scaler256<kForm> high_;
  __m128i min_;
  __m128i max_;
};

template <ScaleForm kForm, int kStride, int kRows, bool kHalves>
void RunBlock(const Strips& strips, const LaneScales& scales, size_t block, const int16_t* all_weights) {
  const Strips s = strips;  // whose stores below alias nothing
  const size_t lane = block * 16;
  const Store<kForm, kRows, kHalves> store(scales, lane);
  const int32_t* const bias = scales.bias + lane;
  const int16_t* const weights = all_weights + block * kBlockWeights;
  const int16_t* const filter[] = {weights, weights + 4 * kVector, weights + 8 * kVector};
  const size_t depth = s.depth;
  const size_t first = kHalves ? block * 8 : lane;  // channel
  size_t in = first;
  const auto next = [&] {
    const Column x = LoadColumn<kRows, kHalves>(s, in);
    in += depth;
    return x;
  };
  Sums<kRows> sums;  // of the output at hand
  sums.Set(bias);
  if (s.left != nullptr) sums.AddSide(s.left + lane);
  if (s.left == nullptr) sums.Add(next(), filter[0]);
  const size_t end = first + Size(s.columns) * depth;
  size_t out = first;
  if constexpr (kStride == 1) {
    Sums<kRows> following;  // of the one after
    const Column second = next();
    sums.Add(second, filter[1]);
    following.Set(bias);
    following.Add(second, filter[0]);
    // One output; kAfter: how many there are after it, as far as a column is theirs too.
    const auto step = [&]<int kAfter>() {
      const Column x = next();
      sums.Add(x, filter[2]);
      store(sums, s, out);
      out += depth;
      if constexpr (kAfter >= 1) {
        sums = following;
        sums.Add(x, filter[1]);
      }
      if constexpr (kAfter >= 2) {
        following.Set(bias);
        following.Add(x, filter[0]);
      }
    };
    while (out + 2 * depth < end) step.template operator()<2>();
    if (out + depth < end) step.template operator()<1>();
    if (s.right == nullptr) return step.template operator()<0>();
    sums.AddSide(s.right + lane);
    store(sums, s, out);
  } else {
    while (true) {
      sums.Add(next(), filter[1]);
      if (s.right != nullptr && out + depth >= end) {
        sums.AddSide(s.right + lane);
        store(sums, s, out);
        break;
      }
      const Column x = next();
      sums.Add(x, filter[2]);
      store(sums, s, out);
      out += depth;
      if (out >= end) break;
      sums.Set(bias);
      sums.Add(x, filter[0]);
    }
  }
}

using BlockFunction = void (*)(const Strips&, const LaneScales&, size_t, const int16_t*);

template <ScaleForm kForm>
BlockFunction ChooseForm(bool halves, int32_t stride, int32_t rows) {
  if (stride == 2) return halves ? RunBlock<kForm, 2, 1, true> : RunBlock<kForm, 2, 1, false>;
  if (rows == 2) return halves ? RunBlock<kForm, 1, 2, true> : RunBlock<kForm, 1, 2, false>;
  return halves ? RunBlock<kForm, 1, 1, true> : RunBlock<kForm, 1, 1, false>;
}

// For blocks with the form of their layer and for those with the proven one.
struct BlockFunctions {
  BlockFunction ordinary = nullptr;
  BlockFunction proven = nullptr;
};

BlockFunctions ChooseBlocks(ScaleForm form, bool halves, int32_t stride, int32_t rows) {
  BlockFunctions functions;
  functions.proven = (form == ScaleForm::kRight ? ChooseForm<ScaleForm::kSigned>
                                                : ChooseForm<ScaleForm::kSingle>)(halves, stride, rows);
  WithScaleForm(form, [&]<ScaleForm kForm>() { functions.ordinary = ChooseForm<kForm>(halves, stride, rows); });
  return functions;
}

}  // namespace

bool Is3x3Avx2(const Params& p) {
  const auto plain = [](const WindowAxis& axis) {
    return axis.filter == 3 && axis.dilation == 1 && axis.pad_before <= 1;
  };
  return plain(p.height) && plain(p.width) && p.height.stride == p.width.stride && p.height.stride <= 2 &&
         p.input_depth % 8 == 0 && p.depth_multiplier == 1 && Beyond(p) <= 1;
}

size_t Depthwise3x3PackedBytesAvx2(const Params& p) {
  if (!HasScaleForm(p.linear, p.input_depth)) return 0;
  const Geometry g = GeometryOf(p);
  return WeightsAt(g) + Size(g.blocks) * kBlockWeights * sizeof(int16_t);
}

size_t Depthwise3x3ScratchBytesAvx2(const Params& p) { return GeometryOf(p).row_bytes; }

void Depthwise3x3PackAvx2(const Params& p, const int8_t* filter, const int32_t* bias, void* packed) {
  const Geometry g = GeometryOf(p);
  *static_cast<ScaleForm*>(packed) = ChooseScaleForm(p.linear, p.input_depth);
  const LaneScales scales = ScalesIn(p, g, packed);
  int32_t* const sides = SidesIn(g, packed);
  auto* to = reinterpret_cast<int16_t*>(static_cast<uint8_t*>(packed) + WeightsAt(g));
  const size_t depth = Size(p.input_depth);
  for (int32_t block = 0; block < g.blocks; ++block) {
    const auto channel = [&](int32_t lane) {
      const int32_t at = PackedChannel256(2, lane / 8, lane % 8);
      return Size(g.halves ? block * 8 + at % 8 : block * 16 + at);
    };
    for (int32_t lane = 0; lane < 16; ++lane) {
      const size_t c = channel(lane);
      int32_t columns[3] = {};
      for (size_t i = 0; i < 9; ++i) columns[i % 3] += filter[i * depth + c];
      const auto sum = static_cast<uint32_t>(columns[0] + columns[1] + columns[2]);
      sides[block * 16 + lane] = p.linear.input_zero_point * columns[0];
      sides[g.blocks * 16 + block * 16 + lane] = p.linear.input_zero_point * columns[2];
      const uint32_t start = bias == nullptr ? 0 : static_cast<uint32_t>(bias[c]);
      SetLane(scales, block * 16 + lane, 8, p.linear.scales + c,
              static_cast<int32_t>(start - static_cast<uint32_t>(p.linear.input_zero_point) * sum));
      ProveLane256(scales, block * 16 + lane, p.linear.scales + c, p.linear,
                   int64_t{p.batches} * p.height.output * p.width.output);
    }
    for (int32_t row = 0; row < 2; ++row) {
      for (size_t fx = 0; fx < 3; ++fx) {
        for (int32_t i = 0; i < 2 * 2 * 16; ++i) {  // [pair of rows][lane][row]
          const int32_t fy = i / 32 * 2 + i % 2 - row;
          *to++ = fy < 0 || fy >= 3 ? int8_t{0} : filter[(Size(fy) * 3 + fx) * depth + channel(i / 2 % 16)];
        }
      }
    }
  }
}

void Depthwise3x3RunAvx2(const Params& p, const void* packed_memory, const int8_t* input, void* scratch,
                         int8_t* output) {
  void* const packed = const_cast<void*>(packed_memory);
  const Geometry g = GeometryOf(p);
  const LaneScales scales = ScalesIn(p, g, packed);
  const auto* const weights =
      reinterpret_cast<const int16_t*>(static_cast<const uint8_t*>(packed_memory) + WeightsAt(g));
  const size_t row_bytes = Size(p.width.output) * Size(p.input_depth);
  std::memset(scratch, p.linear.input_zero_point, g.row_bytes);  // a row of padding
  const auto row_at = [&](int32_t row) {
    const bool inside = row >= 0 && row < p.height.input;
    return inside ? input + Size(row) * g.row_bytes : static_cast<const int8_t*>(scratch);
  };
  Strips s;
  s.depth = Size(p.input_depth);
  s.columns = p.width.output;
  const int32_t* const sides = SidesIn(g, packed);
  s.left = g.left ? sides : nullptr;
  s.right = g.right ? sides + g.blocks * 16 : nullptr;
  for (int32_t n = 0; n < p.batches; ++n) {
    for (int32_t y = 0; y < p.height.output;) {
      const int32_t left = p.height.output - y;
      const int32_t strip = left < g.strip ? left : g.strip;
      int32_t first[2] = {y, y};  // rows of output
      y += strip;
      if (g.halves && y < p.height.output) {
        // The last strip has rows of the one before, if there are too few of its own.
        first[1] = p.height.output - y < strip ? p.height.output - strip : y;
        y = first[1] + strip;
      }
      const BlockFunctions run = ChooseBlocks(scales.form, g.halves, p.height.stride, strip);
      for (size_t half = 0; half < 2; ++half) {
        for (int32_t i = 0; i < 2 + strip; ++i) {
          s.input[half][i] = row_at(first[half] * p.height.stride + i - p.height.pad_before);
        }
        for (int32_t i = 0; i < strip; ++i) s.output[half][i] = output + Size(first[half] + i) * row_bytes;
      }
      for (size_t block = 0; block < Size(g.blocks); ++block) {
        (IsProven256(scales, block * 16, 2) ? run.proven : run.ordinary)(s, scales, block, weights);
      }
    }
    input += Size(p.height.input) * g.row_bytes;
    output += Size(p.height.output) * row_bytes;
  }
}

}  // namespace glimpse::kernels
