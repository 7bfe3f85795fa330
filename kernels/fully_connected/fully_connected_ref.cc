// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "kernels/fully_connected/fully_connected.h"

namespace glimpse::kernels {

void FullyConnectedS8Ref(const FullyConnectedParams& p, const int8_t* input, const int8_t* filter, const int32_t* bias,
                         int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_depth) {
    const int8_t* w = filter;
    for (int32_t o = 0; o < p.output_depth; ++o, w += p.input_depth) {
      uint32_t acc = bias == nullptr ? 0 : static_cast<uint32_t>(bias[o]);
      for (int32_t d = 0; d < p.input_depth; ++d) acc += static_cast<uint32_t>((input[d] - p.input_zero_point) * w[d]);
      *output++ =
          RequantizeToInt8(static_cast<int32_t>(acc), p.scales[o], p.output_zero_point, p.output_min, p.output_max);
    }
  }
}

}  // namespace glimpse::kernels
