// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "kernels/depthwise_conv2d/depthwise_conv2d.h"

namespace glimpse::kernels {
namespace {

// Output channels that are summed up side by side, so that memory is read along its rows.
constexpr int32_t kBlock = 32;

// One product, integers as wide as the sum.
template <typename Sum, typename In, typename W>
Sum Product(In in, W w, const LinearParams& p) {
  if constexpr (std::is_same_v<In, float>) {
    return in * w;
  } else if constexpr (std::is_same_v<W, uint8_t>) {
    return static_cast<Sum>((in - p.input_zero_point) * (w - p.filter_zero_point));
  } else if constexpr (sizeof(Sum) == sizeof(int64_t)) {
    return static_cast<Sum>(int64_t{in} * w);
  } else {
    return static_cast<Sum>((in - p.input_zero_point) * w);
  }
}

// Sums of one output pixel: channels [first, first + count) of the output, count <= kBlock, added to `sum`.
template <typename Sum, typename In, typename W>
void AddPixel(const DepthwiseConv2DParams& p, const WindowRange& rows, const WindowRange& columns, const In* input,
              const W* filter, int32_t first, int32_t count, Sum* sum) {
  const auto input_pixel = static_cast<size_t>(p.input_depth);
  const size_t input_row = input_pixel * static_cast<size_t>(p.width.input);
  const size_t filter_pixel = input_pixel * static_cast<size_t>(p.depth_multiplier);
  const size_t filter_row = filter_pixel * static_cast<size_t>(p.width.filter);
  for (int32_t fy = rows.begin; fy < rows.end; ++fy) {
    const int32_t iy = rows.origin + fy * p.height.dilation;
    for (int32_t fx = columns.begin; fx < columns.end; ++fx) {
      const int32_t ix = columns.origin + fx * p.width.dilation;
      const In* in = input + static_cast<size_t>(iy) * input_row + static_cast<size_t>(ix) * input_pixel;
      const W* w = filter + static_cast<size_t>(fy) * filter_row + static_cast<size_t>(fx) * filter_pixel + first;
      if (p.depth_multiplier == 1) {
        for (int32_t i = 0; i < count; ++i) sum[i] += Product<Sum>(in[first + i], w[i], p.linear);
      } else {
        for (int32_t i = 0; i < count; ++i) {
          sum[i] += Product<Sum>(in[(first + i) / p.depth_multiplier], w[i], p.linear);
        }
      }
    }
  }
}

// The sums in the order of the output, each handed to `store`, without a bias: float adds it last.
template <typename Bias, typename In, typename W, typename Store, typename Out>
void Convolve(const DepthwiseConv2DParams& p, int32_t batches, const In* input, const W* filter, Store store,
              Out* output) {
  const int32_t output_depth = p.input_depth * p.depth_multiplier;
  const size_t image =
      static_cast<size_t>(p.input_depth) * static_cast<size_t>(p.width.input) * static_cast<size_t>(p.height.input);
  for (int32_t n = 0; n < batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const WindowRange rows = RangeAt(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x, output += output_depth) {
        const WindowRange columns = RangeAt(p.width, x);
        for (int32_t first = 0; first < output_depth; first += kBlock) {
          const int32_t count = std::min(kBlock, output_depth - first);
          LinearSum<Bias> sum[kBlock] = {};
          AddPixel(p, rows, columns, input, filter, first, count, sum);
          for (int32_t i = 0; i < count; ++i) output[first + i] = store(first + i, sum[i]);
        }
      }
    }
  }
}

template <typename In, typename W, typename Bias>
void ConvolveQuantized(const DepthwiseConv2DParams& p, const In* input, const W* filter, const Bias* bias, In* output) {
  WithQuantizedStore<In, Bias>(p.linear, [&](const auto& store) {
    const auto finish = [bias, &store](int32_t o, LinearSum<Bias> sum) {
      return store(o, static_cast<Bias>(bias == nullptr ? sum : sum + static_cast<LinearSum<Bias>>(bias[o])));
    };
    Convolve<Bias>(p, p.batches, input, filter, finish, output);
  });
}

}  // namespace

void DepthwiseConv2DS8Ref(const DepthwiseConv2DParams& p, const int8_t* input, const int8_t* filter,
                          const int32_t* bias, int8_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void DepthwiseConv2DU8Ref(const DepthwiseConv2DParams& p, const uint8_t* input, const uint8_t* filter,
                          const int32_t* bias, uint8_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void DepthwiseConv2DS16Ref(const DepthwiseConv2DParams& p, const int16_t* input, const int8_t* filter,
                           const int64_t* bias, int16_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void DepthwiseConv2DF32Ref(const DepthwiseConv2DParams& p, FloatRange range, const float* input, const float* filter,
                           const float* bias, float* output) {
  const auto finish = [bias, range](int32_t o, float sum) {
    return ClampFloat(sum + (bias == nullptr ? 0.0F : bias[o]), range);
  };
  Convolve<float>(p, p.batches, input, filter, finish, output);
}

void DepthwiseConv2DHybridRef(const DepthwiseConv2DParams& p, const DepthwiseConv2DHybrid& hybrid, const int8_t* input,
                              const int8_t* filter, const float* bias, float* output) {
  const auto finish = [bias, &hybrid](int32_t o, uint32_t sum) {
    const float scale = hybrid.filter_scales[o] * hybrid.input_scale;
    const float scaled = static_cast<float>(static_cast<int32_t>(sum)) * scale;
    return ClampFloat(bias == nullptr ? scaled : scaled + bias[o], hybrid.range);
  };
  Convolve<int32_t>(p, 1, input, filter, finish, output);
}

}  // namespace glimpse::kernels
