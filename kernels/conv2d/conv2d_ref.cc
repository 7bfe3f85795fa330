// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "kernels/conv2d/conv2d.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

// Sum of (in - zero_point) * w over `count` neighbouring channels, modulo 2^32.
uint32_t Dot(const int8_t* in, const int8_t* w, int32_t count, int32_t zero_point) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>((in[i] - zero_point) * w[i]);
  return sum;
}

}  // namespace

void Conv2DS8DoubleRoundRef(const Conv2DParams& p, const int8_t* input, const int8_t* filter, const int32_t* bias,
                            int8_t* output) {
  const int32_t filter_depth = p.input_depth / p.groups;
  const int32_t outputs_per_group = p.output_depth / p.groups;
  const auto pixel = static_cast<size_t>(p.input_depth);
  const size_t row = pixel * static_cast<size_t>(p.width.input);
  const size_t image = row * static_cast<size_t>(p.height.input);
  const size_t filter_row = static_cast<size_t>(filter_depth) * static_cast<size_t>(p.width.filter);
  const size_t filter_size = filter_row * static_cast<size_t>(p.height.filter);

  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const WindowRange rows = RangeAt(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x) {
        const WindowRange columns = RangeAt(p.width, x);
        for (int32_t o = 0; o < p.output_depth; ++o) {
          const int32_t first_channel = o / outputs_per_group * filter_depth;
          const int8_t* w = filter + static_cast<size_t>(o) * filter_size;
          uint32_t acc = bias == nullptr ? 0 : static_cast<uint32_t>(bias[o]);
          for (int32_t fy = rows.begin; fy < rows.end; ++fy) {
            const int32_t iy = rows.origin + fy * p.height.dilation;
            const int8_t* in_row = input + static_cast<size_t>(iy) * row + first_channel;
            const int8_t* w_row = w + static_cast<size_t>(fy) * filter_row;
            for (int32_t fx = columns.begin; fx < columns.end; ++fx) {
              const int32_t ix = columns.origin + fx * p.width.dilation;
              acc += Dot(in_row + static_cast<size_t>(ix) * pixel, w_row + static_cast<size_t>(fx) * filter_depth,
                         filter_depth, p.input_zero_point);
            }
          }
          *output++ =
              RequantizeToInt8(static_cast<int32_t>(acc), p.scales[o], p.output_zero_point, p.output_min, p.output_max);
        }
      }
    }
  }
}

}  // namespace glimpse::kernels
