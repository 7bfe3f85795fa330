// SPDX-License-Identifier: Apache-2.0
#include "kernels/window.h"

#include <gtest/gtest.h>

namespace glimpse::kernels {
namespace {

TEST(Window, RangeHoldsExactlyTheFilterPositionsOnTheInput) {
  for (int32_t input = 1; input <= 7; ++input) {
    for (int32_t filter = 1; filter <= 5; ++filter) {
      for (int32_t dilation = 1; dilation <= 3; ++dilation) {
        for (int32_t stride = 1; stride <= 3; ++stride) {
          for (int32_t pad = 0; pad <= (filter - 1) * dilation; ++pad) {
            const WindowAxis axis{input, filter, (input + stride - 1) / stride, stride, dilation, pad};
            for (int32_t o = 0; o < axis.output; ++o) {
              if (o * stride - pad >= input) continue;
              const WindowRange range = RangeAt(axis, o);
              for (int32_t f = 0; f < filter; ++f) {
                const int32_t at = o * stride - pad + f * dilation;
                ASSERT_EQ(f >= range.begin && f < range.end, at >= 0 && at < input)
                    << input << " " << filter << " " << dilation << " " << stride << " " << pad << " " << o << " " << f;
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace glimpse::kernels
