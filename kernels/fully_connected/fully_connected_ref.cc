// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "kernels/fully_connected/fully_connected.h"
#include "kernels/hybrid/hybrid.h"

namespace glimpse::kernels {

template <typename In, typename Weights, typename Out, typename Sum, typename Bias>
void FullyConnectedRef(const FullyConnectedParams& p, const In* input, Weights filter, const Bias* bias, Out* output) {
  using Wrapping = std::make_unsigned_t<Sum>;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_depth) {
    size_t w = 0;
    for (int32_t o = 0; o < p.output_depth; ++o) {
      Wrapping sum = bias == nullptr ? 0 : static_cast<Wrapping>(bias[o]);
      for (int32_t d = 0; d < p.input_depth; ++d, ++w) {
        sum += static_cast<Wrapping>(Sum{input[d] - p.input_zero_point} * Sum{filter[w] - p.filter_zero_point});
      }
      const int32_t scaled = Requantize(static_cast<Sum>(sum), p.scales[o]);
      *output++ = static_cast<Out>(std::clamp(WrappingAdd(scaled, p.output_zero_point), p.output_min, p.output_max));
    }
  }
}

void FullyConnectedF32Ref(const FullyConnectedParams& p, const float* input, const float* filter, const float* bias,
                          float min, float max, float* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_depth) {
    const float* w = filter;
    for (int32_t o = 0; o < p.output_depth; ++o, w += p.input_depth) {
      float sum = 0;
      for (int32_t d = 0; d < p.input_depth; ++d) sum += input[d] * w[d];
      *output++ = std::min(std::max(sum + (bias == nullptr ? 0.0F : bias[o]), min), max);
    }
  }
}

template <typename Weights>
void FullyConnectedHybridRef(const FullyConnectedParams& p, const HybridParams& h, const float* input, Weights filter,
                             const float* bias, int8_t* row, float* output) {
  const bool silent = AllZero(input, int64_t{p.batches} * p.input_depth);
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_depth) {
    const RowQuantization quantization = QuantizeRow(input, p.input_depth, h.asymmetric, row);
    size_t w = 0;
    for (int32_t o = 0; o < p.output_depth; ++o) {
      uint32_t sum = 0;
      for (int32_t d = 0; d < p.input_depth; ++d, ++w) {
        sum += static_cast<uint32_t>((row[d] - quantization.zero_point) * filter[w]);
      }
      const float scale = quantization.scale * h.filter_scales[h.per_channel ? o : 0];
      const float start = bias == nullptr ? 0.0F : bias[o];
      const float value = silent ? start : start + static_cast<float>(static_cast<int32_t>(sum)) * scale;
      *output++ = ActivateFloat(h.activation, value);
    }
  }
}

#define GLIMPSE_FORM(in, weights, out, sum, bias)                                                               \
  template void FullyConnectedRef<in, weights, out, sum, bias>(const FullyConnectedParams&, const in*, weights, \
                                                               const bias*, out*);
GLIMPSE_FORM(int8_t, const int8_t*, int8_t, int32_t, int32_t)
GLIMPSE_FORM(int8_t, PackedInt4, int8_t, int32_t, int32_t)
GLIMPSE_FORM(uint8_t, const uint8_t*, uint8_t, int32_t, int32_t)
GLIMPSE_FORM(uint8_t, const uint8_t*, int16_t, int32_t, int32_t)
GLIMPSE_FORM(int16_t, const int8_t*, int16_t, int64_t, int64_t)
GLIMPSE_FORM(int16_t, PackedInt4, int16_t, int64_t, int64_t)
GLIMPSE_FORM(int16_t, const int8_t*, int16_t, int32_t, int32_t)
GLIMPSE_FORM(int16_t, PackedInt4, int16_t, int32_t, int32_t)
GLIMPSE_FORM(int16_t, const int16_t*, int16_t, int64_t, int32_t)
GLIMPSE_FORM(int16_t, const int16_t*, int16_t, int64_t, int64_t)
#undef GLIMPSE_FORM

template void FullyConnectedHybridRef<const int8_t*>(const FullyConnectedParams&, const HybridParams&, const float*,
                                                     const int8_t*, const float*, int8_t*, float*);
template void FullyConnectedHybridRef<PackedInt4>(const FullyConnectedParams&, const HybridParams&, const float*,
                                                  PackedInt4, const float*, int8_t*, float*);

}  // namespace glimpse::kernels
