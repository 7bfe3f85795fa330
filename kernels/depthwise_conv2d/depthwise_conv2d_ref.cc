// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "kernels/depthwise_conv2d/depthwise_conv2d.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

// Output channels that are summed up side by side, so that memory is read along its rows.
constexpr int32_t kBlock = 32;

// One output pixel: channels [first, first + count) of the output, count <= kBlock.
void Pixel(const DepthwiseConv2DParams& p, const WindowRange& rows, const WindowRange& columns, const int8_t* input,
           const int8_t* filter, const int32_t* bias, int32_t first, int32_t count, int8_t* output) {
  const auto input_pixel = static_cast<size_t>(p.input_depth);
  const size_t input_row = input_pixel * static_cast<size_t>(p.width.input);
  const size_t filter_pixel = input_pixel * static_cast<size_t>(p.depth_multiplier);
  const size_t filter_row = filter_pixel * static_cast<size_t>(p.width.filter);
  uint32_t acc[kBlock];
  for (int32_t i = 0; i < count; ++i) acc[i] = bias == nullptr ? 0 : static_cast<uint32_t>(bias[first + i]);
  for (int32_t fy = rows.begin; fy < rows.end; ++fy) {
    const int32_t iy = rows.origin + fy * p.height.dilation;
    for (int32_t fx = columns.begin; fx < columns.end; ++fx) {
      const int32_t ix = columns.origin + fx * p.width.dilation;
      const int8_t* in = input + static_cast<size_t>(iy) * input_row + static_cast<size_t>(ix) * input_pixel;
      const int8_t* w = filter + static_cast<size_t>(fy) * filter_row + static_cast<size_t>(fx) * filter_pixel + first;
      if (p.depth_multiplier == 1) {
        for (int32_t i = 0; i < count; ++i)
          acc[i] += static_cast<uint32_t>((in[first + i] - p.input_zero_point) * w[i]);
      } else {
        for (int32_t i = 0; i < count; ++i) {
          acc[i] += static_cast<uint32_t>((in[(first + i) / p.depth_multiplier] - p.input_zero_point) * w[i]);
        }
      }
    }
  }
  for (int32_t i = 0; i < count; ++i) {
    output[first + i] = RequantizeToInt8(static_cast<int32_t>(acc[i]), p.scales[first + i], p.output_zero_point,
                                         p.output_min, p.output_max);
  }
}

}  // namespace

void DepthwiseConv2DS8DoubleRoundRef(const DepthwiseConv2DParams& p, const int8_t* input, const int8_t* filter,
                                     const int32_t* bias, int8_t* output) {
  const int32_t output_depth = p.input_depth * p.depth_multiplier;
  const size_t image =
      static_cast<size_t>(p.input_depth) * static_cast<size_t>(p.width.input) * static_cast<size_t>(p.height.input);
  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const WindowRange rows = RangeAt(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x, output += output_depth) {
        const WindowRange columns = RangeAt(p.width, x);
        for (int32_t first = 0; first < output_depth; first += kBlock) {
          Pixel(p, rows, columns, input, filter, bias, first, std::min(kBlock, output_depth - first), output);
        }
      }
    }
  }
}

}  // namespace glimpse::kernels
