// SPDX-License-Identifier: Apache-2.0
// live_channels.h. Packed memory: the caller's header, how many channels live, the groups, the inner convolution.
// Scratch: the pixels of the live channels, that of the inner convolution.
#include "kernels/conv2d/live_channels.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace glimpse::kernels {
namespace {

constexpr int32_t kGroup = 16;

size_t Size(int64_t n) { return static_cast<size_t>(n); }
size_t Aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }
size_t Pixels(const Conv2DParams& p) {
  const WindowAxis& height = p.pool ? p.pool->height : p.height;
  const WindowAxis& width = p.pool ? p.pool->width : p.width;
  return Size(p.batches) * Size(height.output) * Size(width.output);
}

size_t InnerAt(const Conv2DParams& p) {
  const size_t groups = (Size(p.output_depth) + kGroup - 1) / kGroup;
  return kLiveHeader + Aligned(sizeof(int32_t) + groups * sizeof(SpreadGroup));
}

struct Layout {
  int32_t* count;
  SpreadGroup* groups;
  void* inner;
};

Layout LayoutIn(const Conv2DParams& p, void* packed) {
  auto* const at = static_cast<uint8_t*>(packed);
  auto* const count = reinterpret_cast<int32_t*>(at + kLiveHeader);
  return {count, reinterpret_cast<SpreadGroup*>(count + 1), at + InnerAt(p)};
}

Conv2DParams LiveParams(const Conv2DParams& p, const Layout& layout) {
  Conv2DParams live = p;
  live.output_depth = *layout.count;
  return live;
}

size_t LiveBytes(const Conv2DParams& live) { return Aligned(Pixels(live) * Size(live.output_depth) + kGroup); }

template <typename Body>
void ForEachWeight(const Conv2DParams& p, const FilterView& filter, int32_t o, const Body& body) {
  for (int32_t fy = 0; fy < p.height.filter; ++fy) {
    for (int32_t fx = 0; fx < p.width.filter; ++fx) {
      const int8_t* from = filter.data + o * filter.output + fy * filter.row + fx * filter.column;
      for (int32_t c = 0; c < p.input_depth; ++c) body(from[c * filter.channel]);
    }
  }
}

// Whether sums that lie so far apart may become the same number, unless they lie on both sides of a threshold.
bool MayBeOne(int64_t range, const OutputScale& scale) {
  return Requantize(static_cast<int32_t>(std::min<int64_t>(range, INT32_MAX)), scale) == 0;
}

// Whether channel `o` gives one and the same byte for every input.
bool IsKnown(const Conv2DParams& p, const FilterView& filter, const int32_t* bias, int32_t o, int8_t* byte) {
  int64_t least = bias == nullptr ? 0 : bias[o];
  int64_t largest = least;
  const int64_t low = -128 - p.linear.input_zero_point;
  const int64_t high = 127 - p.linear.input_zero_point;
  ForEachWeight(p, filter, o, [&](int64_t w) {
    least += std::min(w * low, w * high);
    largest += std::max(w * low, w * high);
  });
  if (least < INT32_MIN || largest > INT32_MAX) return false;
  const auto scaled = [&](int64_t sum) {
    return RequantizeToInt8(static_cast<int32_t>(sum), p.linear.scales[o], p.linear.output_zero_point,
                            p.linear.output_min, p.linear.output_max);
  };
  *byte = scaled(least);
  return *byte == scaled(largest);
}

}  // namespace

bool MayHaveKnownChannels(const Conv2DParams& p, const FilterView& filter) {
  if (p.groups != 1 || p.output_depth <= kGroup || Pixels(p) == 1) return false;
  int32_t count = 0;
  for (int32_t o = 0; o < p.output_depth; ++o) {
    // A channel whose weights use their range is told by its scale, without a look at them.
    if (!MayBeOne(255 * 127, p.linear.scales[o])) continue;
    int64_t sum = 0;
    ForEachWeight(p, filter, o, [&](int32_t w) { sum += std::abs(w); });
    if (MayBeOne(255 * sum, p.linear.scales[o])) ++count;
  }
  return count >= kGroup && count * 8 >= p.output_depth;  // it saves whole panels
}

// The bias decides how many channels live, and is not known yet: as many as there are is enough.
size_t LivePackedBytes(const PackedConv2DS8& inner, const Conv2DParams& p, const FilterView& filter) {
  const size_t bytes = inner.packed_bytes(p, filter);
  return bytes == 0 ? 0 : InnerAt(p) + bytes;
}

void LivePack(const PackedConv2DS8& inner, const Conv2DParams& p, const FilterView& filter, const int32_t* bias,
              void* packed) {
  const Layout layout = LayoutIn(p, packed);
  std::vector<OutputScale> scales;
  std::vector<int32_t> live_bias;
  std::vector<int8_t> weights;
  for (int32_t o = 0; o < p.output_depth; ++o) {
    SpreadGroup& group = layout.groups[o / kGroup];
    if (o % kGroup == 0) {
      std::fill_n(group.constants, kGroup, int8_t{0});
      std::fill_n(group.positions, kGroup, int8_t{-1});
      group.first = static_cast<int32_t>(scales.size());
    }
    const bool needed = o + 1 == p.output_depth && scales.empty();  // there is no convolution without a channel
    if (!needed && IsKnown(p, filter, bias, o, &group.constants[o % kGroup])) continue;
    group.constants[o % kGroup] = 0;
    group.positions[o % kGroup] = static_cast<int8_t>(static_cast<int32_t>(scales.size()) - group.first);
    scales.push_back(p.linear.scales[o]);
    live_bias.push_back(bias == nullptr ? 0 : bias[o]);
    ForEachWeight(p, filter, o, [&](int8_t w) { weights.push_back(w); });
  }
  *layout.count = static_cast<int32_t>(scales.size());
  Conv2DParams live = LiveParams(p, layout);
  live.linear.scales = scales.data();
  FilterView dense;
  dense.data = weights.data();
  dense.column = p.input_depth;
  dense.row = dense.column * p.width.filter;
  dense.output = dense.row * p.height.filter;
  inner.pack(live, dense, live_bias.data(), layout.inner);
}

size_t LiveScratchBytes(const PackedConv2DS8& inner, const Conv2DParams& p, const void* packed) {
  const Layout layout = LayoutIn(p, const_cast<void*>(packed));
  const Conv2DParams live = LiveParams(p, layout);
  return LiveBytes(live) + inner.scratch_bytes(live, layout.inner);
}

void LiveRun(const PackedConv2DS8& inner, SpreadFunction spread, const Conv2DParams& p, const void* packed,
             const int8_t* input, void* scratch, int8_t* output) {
  const Layout layout = LayoutIn(p, const_cast<void*>(packed));
  const Conv2DParams live = LiveParams(p, layout);
  auto* const pixels = static_cast<int8_t*>(scratch);
  inner.run(live, layout.inner, input, pixels + LiveBytes(live), pixels);
  spread(layout.groups, pixels, Pixels(p), live.output_depth, p.output_depth, output);
}

}  // namespace glimpse::kernels
