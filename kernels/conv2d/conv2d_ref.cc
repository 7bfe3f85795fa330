// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "kernels/conv2d/conv2d.h"

namespace glimpse::kernels {
namespace {

// `sum` plus the products of `count` neighbouring channels, integers modulo the size of Sum.
template <typename Sum, typename In, typename W>
Sum Dot(Sum sum, const In* in, const W* w, int32_t count, const LinearParams& p) {
  if constexpr (std::is_same_v<In, float>) {
    for (int32_t i = 0; i < count; ++i) sum += in[i] * w[i];
  } else if constexpr (std::is_same_v<W, uint8_t>) {
    for (int32_t i = 0; i < count; ++i) {
      sum += static_cast<Sum>((in[i] - p.input_zero_point) * (w[i] - p.filter_zero_point));
    }
  } else if constexpr (sizeof(Sum) == sizeof(int64_t)) {
    for (int32_t i = 0; i < count; ++i) sum += static_cast<Sum>(int64_t{in[i]} * w[i]);
  } else {
    for (int32_t i = 0; i < count; ++i) sum += static_cast<Sum>((in[i] - p.input_zero_point) * w[i]);
  }
  return sum;
}

// The sums in the order of the output, each handed to `store`, without a bias: float adds it last.
template <typename Bias, typename In, typename W, typename Store, typename Out>
void Convolve(const Conv2DParams& p, int32_t batches, const In* input, const W* filter, Store store, Out* output) {
  const int32_t filter_depth = p.input_depth / p.groups;
  const int32_t outputs_per_group = p.output_depth / p.groups;
  const auto pixel = static_cast<size_t>(p.input_depth);
  const size_t row = pixel * static_cast<size_t>(p.width.input);
  const size_t image = row * static_cast<size_t>(p.height.input);
  const size_t filter_row = static_cast<size_t>(filter_depth) * static_cast<size_t>(p.width.filter);
  const size_t filter_size = filter_row * static_cast<size_t>(p.height.filter);

  for (int32_t n = 0; n < batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const WindowRange rows = RangeAt(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x) {
        const WindowRange columns = RangeAt(p.width, x);
        for (int32_t o = 0; o < p.output_depth; ++o) {
          const int32_t first_channel = o / outputs_per_group * filter_depth;
          const W* w = filter + static_cast<size_t>(o) * filter_size;
          LinearSum<Bias> sum = 0;
          for (int32_t fy = rows.begin; fy < rows.end; ++fy) {
            const int32_t iy = rows.origin + fy * p.height.dilation;
            const In* in_row = input + static_cast<size_t>(iy) * row + first_channel;
            const W* w_row = w + static_cast<size_t>(fy) * filter_row;
            for (int32_t fx = columns.begin; fx < columns.end; ++fx) {
              const int32_t ix = columns.origin + fx * p.width.dilation;
              sum = Dot(sum, in_row + static_cast<size_t>(ix) * pixel, w_row + static_cast<size_t>(fx) * filter_depth,
                        filter_depth, p.linear);
            }
          }
          *output++ = store(o, sum);
        }
      }
    }
  }
}

template <typename In, typename W, typename Bias>
void ConvolveQuantized(const Conv2DParams& p, const In* input, const W* filter, const Bias* bias, In* output) {
  WithQuantizedStore<In, Bias>(p.linear, [&](const auto& store) {
    const auto finish = [bias, &store](int32_t o, LinearSum<Bias> sum) {
      return store(o, static_cast<Bias>(bias == nullptr ? sum : sum + static_cast<LinearSum<Bias>>(bias[o])));
    };
    Convolve<Bias>(p, p.batches, input, filter, finish, output);
  });
}

}  // namespace

void Conv2DS8Ref(const Conv2DParams& p, const int8_t* input, const int8_t* filter, const int32_t* bias,
                 int8_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void Conv2DU8Ref(const Conv2DParams& p, const uint8_t* input, const uint8_t* filter, const int32_t* bias,
                 uint8_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void Conv2DS16Ref(const Conv2DParams& p, const int16_t* input, const int8_t* filter, const int32_t* bias,
                  int16_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void Conv2DS16Ref(const Conv2DParams& p, const int16_t* input, const int8_t* filter, const int64_t* bias,
                  int16_t* output) {
  ConvolveQuantized(p, input, filter, bias, output);
}

void Conv2DF32Ref(const Conv2DParams& p, FloatRange range, const float* input, const float* filter, const float* bias,
                  float* output) {
  const auto finish = [bias, range](int32_t o, float sum) {
    return ClampFloat(sum + (bias == nullptr ? 0.0F : bias[o]), range);
  };
  Convolve<float>(p, p.batches, input, filter, finish, output);
}

void Conv2DHybridRef(const Conv2DParams& p, const Conv2DHybrid& hybrid, const int8_t* input, const int8_t* filter,
                     const float* bias, float* output) {
  const auto finish = [bias, &hybrid](int32_t o, uint32_t sum) {
    const auto real = static_cast<float>(static_cast<int32_t>(sum));
    const float scaled = hybrid.per_channel ? real * hybrid.filter_scales[o] * hybrid.input_scale
                                            : real * (hybrid.input_scale * hybrid.filter_scales[0]);
    return ClampFloat(bias == nullptr ? scaled : scaled + bias[o], hybrid.range);
  };
  Convolve<int32_t>(p, 1, input, filter, finish, output);
}

}  // namespace glimpse::kernels
