// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/winograd.h"

#include <algorithm>
#include <cstdlib>

namespace glimpse::kernels {
namespace {

constexpr int64_t kBound = int64_t{1} << 25;

}  // namespace

bool WinogradIsExact(const Conv2DParams& p, const FilterView& filter) {
  const auto plain = [](const WindowAxis& axis) { return axis.filter == 3 && axis.stride == 1 && axis.dilation == 1; };
  if (!plain(p.height) || !plain(p.width) || p.groups != 1) return false;
  const int64_t largest = std::max(127 - p.linear.input_zero_point, 128 + p.linear.input_zero_point);
  for (int32_t o = 0; o < p.output_depth; ++o) {
    int64_t sum = 0;
    for (int32_t fy = 0; fy < 3; ++fy) {
      for (int32_t fx = 0; fx < 3; ++fx) {
        const int8_t* from = filter.data + o * filter.output + fy * filter.row + fx * filter.column;
        for (int32_t c = 0; c < p.input_depth; ++c) sum += std::abs(int32_t{from[c * filter.channel]});
      }
    }
    if (sum * largest >= kBound) return false;
  }
  return true;
}

bool WinogradPools(const Conv2DParams& p) {
  if (!p.pool) return true;
  const auto fits = [](const WindowAxis& axis) {
    return axis.filter == axis.stride && (axis.stride == 2 || axis.stride == 4);
  };
  return fits(p.pool->height) && fits(p.pool->width);
}

void TransformWeights(const FilterView& filter, int32_t output, int32_t channel, int16_t (&transformed)[36]) {
  const int8_t* w = filter.data + output * filter.output + channel * filter.channel;
  int32_t half[6][3];  // G' w
  for (int i = 0; i < 6; ++i) {
    for (int fx = 0; fx < 3; ++fx) {
      half[i][fx] = 0;
      for (int fy = 0; fy < 3; ++fy)
        half[i][fx] += kWinogradFilterMatrix[i][fy] * w[fy * filter.row + fx * filter.column];
    }
  }
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) {
      int32_t sum = 0;
      for (int fx = 0; fx < 3; ++fx) sum += half[i][fx] * kWinogradFilterMatrix[j][fx];
      transformed[i * 6 + j] = static_cast<int16_t>(sum);
    }
  }
}

}  // namespace glimpse::kernels
