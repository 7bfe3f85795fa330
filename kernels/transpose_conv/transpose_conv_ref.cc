// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "kernels/transpose_conv/transpose_conv.h"

namespace glimpse::kernels {
namespace {

// Inputs [begin, end) that reach one output position, and the filter position of input 0 there (of input i: less i *
// stride).
struct Reach {
  int32_t begin = 0;
  int32_t end = 0;
  int32_t filter = 0;
};

// 0 <= position + pad - i * stride < filter.
Reach ReachOf(const TransposeAxis& axis, int32_t position) {
  Reach reach;
  reach.filter = position + axis.pad;
  if (reach.filter >= axis.filter) reach.begin = (reach.filter - axis.filter) / axis.stride + 1;
  reach.end = std::min(axis.input, reach.filter / axis.stride + 1);
  return reach;
}

// `add(sum, in, w, o)` gives the sum with one more product; `store(o, sum)` the output element.
template <typename Sum, typename In, typename W, typename Out, typename Add, typename Store>
void Spread(const TransposeConvParams& p, int32_t batches, const In* input, const W* filter, Add add, Store store,
            Out* output) {
  const auto depth = static_cast<size_t>(p.input_depth);
  const size_t row = depth * static_cast<size_t>(p.width.input);
  const size_t image = row * static_cast<size_t>(p.height.input);
  const size_t filter_row = depth * static_cast<size_t>(p.width.filter);
  const size_t filter_size = filter_row * static_cast<size_t>(p.height.filter);
  for (int32_t n = 0; n < batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const Reach rows = ReachOf(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x) {
        const Reach columns = ReachOf(p.width, x);
        for (int32_t o = 0; o < p.output_depth; ++o) {
          Sum sum = 0;
          for (int32_t iy = rows.begin; iy < rows.end; ++iy) {
            const auto fy = static_cast<size_t>(rows.filter - iy * p.height.stride);
            for (int32_t ix = columns.begin; ix < columns.end; ++ix) {
              const auto fx = static_cast<size_t>(columns.filter - ix * p.width.stride);
              const In* in = input + static_cast<size_t>(iy) * row + static_cast<size_t>(ix) * depth;
              const W* w = filter + static_cast<size_t>(o) * filter_size + fy * filter_row + fx * depth;
              for (size_t d = 0; d < depth; ++d) sum = add(sum, in[d], w[d], o);
            }
          }
          *output++ = store(o, sum);
        }
      }
    }
  }
}

template <typename In, typename W, typename Bias>
void SpreadQuantized(const TransposeConvParams& p, const In* input, const W* filter, const Bias* bias, In* output) {
  using Sum = LinearSum<Bias>;
  const int32_t input_zero_point = p.linear.input_zero_point;
  const int32_t filter_zero_point = p.linear.filter_zero_point;
  const auto add = [input_zero_point, filter_zero_point](Sum sum, In in, W w, int32_t) {
    return sum + static_cast<Sum>(int64_t{in - input_zero_point} * (w - filter_zero_point));
  };
  WithQuantizedStore<In, Bias>(p.linear, [&](const auto& store) {
    const auto finish = [bias, &store](int32_t o, Sum sum) {
      return store(o, static_cast<Bias>(bias == nullptr ? sum : sum + static_cast<Sum>(bias[o])));
    };
    Spread<Sum>(p, p.batches, input, filter, add, finish, output);
  });
}

}  // namespace

void TransposeConvS8Ref(const TransposeConvParams& p, const int8_t* input, const int8_t* filter, const int32_t* bias,
                        int8_t* output) {
  SpreadQuantized(p, input, filter, bias, output);
}

void TransposeConvU8Ref(const TransposeConvParams& p, const uint8_t* input, const uint8_t* filter, const int32_t* bias,
                        uint8_t* output) {
  SpreadQuantized(p, input, filter, bias, output);
}

void TransposeConvS16Ref(const TransposeConvParams& p, const int16_t* input, const int8_t* filter, const int32_t* bias,
                         int16_t* output) {
  SpreadQuantized(p, input, filter, bias, output);
}

void TransposeConvS16Ref(const TransposeConvParams& p, const int16_t* input, const int8_t* filter, const int64_t* bias,
                         int16_t* output) {
  SpreadQuantized(p, input, filter, bias, output);
}

void TransposeConvF32Ref(const TransposeConvParams& p, FloatRange range, const float* input, const float* filter,
                         const float* bias, float* output) {
  const auto add = [](float sum, float in, float w, int32_t) { return sum + in * w; };
  const auto finish = [bias, range](int32_t o, float sum) {
    return ClampFloat(bias == nullptr ? sum : sum + bias[o], range);
  };
  Spread<float>(p, p.batches, input, filter, add, finish, output);
}

void TransposeConvHybridRef(const TransposeConvParams& p, const TransposeConvHybrid& hybrid, const int8_t* input,
                            const int8_t* filter, const float* bias, float* output) {
  const int32_t zero_point = p.linear.input_zero_point;
  const auto add = [&hybrid, zero_point](float sum, int8_t in, int8_t w, int32_t o) {
    return sum + static_cast<float>((in - zero_point) * w) * hybrid.filter_scales[o] * hybrid.input_scale;
  };
  const auto finish = [bias, &hybrid](int32_t o, float sum) {
    return ClampFloat(bias == nullptr ? sum : sum + bias[o], hybrid.range);
  };
  Spread<float>(p, 1, input, filter, add, finish, output);
}

}  // namespace glimpse::kernels
