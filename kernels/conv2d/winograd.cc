// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/winograd.h"

#include <algorithm>

namespace glimpse::kernels {
namespace {

constexpr int64_t kBound = int64_t{1} << 25;

// A row of G' times three columns, channel by channel. In 16 bits, as winograd.h proves.
void Combine(const int32_t (&row)[3], const int16_t (&columns)[3][kWinogradChannels],
             int16_t (&to)[kWinogradChannels]) {
  for (int k = 0; k < kWinogradChannels; ++k) {
    to[k] = static_cast<int16_t>(row[0] * columns[0][k] + row[1] * columns[1][k] + row[2] * columns[2][k]);
  }
}

}  // namespace

bool WinogradIsExact(const Conv2DParams& p, const FilterView& filter) {
  const auto plain = [](const WindowAxis& axis) { return axis.filter == 3 && axis.stride == 1 && axis.dilation == 1; };
  if (!plain(p.height) || !plain(p.width) || p.groups != 1) return false;
  for (int32_t o = 0; o < p.output_depth; ++o) {
    if (LargestSum(p, filter, o) >= kBound) return false;
  }
  return true;
}

int64_t LargestSum(const Conv2DParams& p, const FilterView& filter, int32_t output) {
  int64_t sum = 0;
  int64_t size = 0;
  for (int32_t fy = 0; fy < 3; ++fy) {
    for (int32_t fx = 0; fx < 3; ++fx) {
      const int8_t* from = filter.data + output * filter.output + fy * filter.row + fx * filter.column;
      int32_t run_sum = 0;
      int32_t run_size = 0;
      for (int32_t c = 0; c < p.input_depth; ++c) {
        const int32_t w = from[c * filter.channel];
        run_sum += w;
        run_size += w < 0 ? -w : w;
      }
      sum += run_sum;
      size += run_size;
    }
  }
  const int64_t positive = (size + sum) / 2;
  const int64_t negative = (size - sum) / 2;
  const int64_t above = 127 - p.linear.input_zero_point;
  const int64_t below = 128 + p.linear.input_zero_point;
  return std::max(positive * above + negative * below, positive * below + negative * above);
}

bool WinogradPools(const Conv2DParams& p) {
  if (!p.pool) return true;
  const auto fits = [](const WindowAxis& axis) {
    return axis.filter == axis.stride && (axis.stride == 2 || axis.stride == 4);
  };
  return fits(p.pool->height) && fits(p.pool->width);
}

void TransformWeights(const FilterView& filter, int32_t output, int32_t channel,
                      int16_t (&transformed)[36][kWinogradChannels]) {
  const int8_t* const w = filter.data + output * filter.output + channel * filter.channel;
  int16_t half[6][3][kWinogradChannels];  // G' w
  for (int fx = 0; fx < 3; ++fx) {
    int16_t column[3][kWinogradChannels];
    for (int fy = 0; fy < 3; ++fy) {
      const int8_t* const from = w + fy * filter.row + fx * filter.column;
      for (int k = 0; k < kWinogradChannels; ++k) column[fy][k] = from[k * filter.channel];
    }
    for (int i = 0; i < 6; ++i) Combine(kWinogradFilterMatrix[i], column, half[i][fx]);
  }
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) Combine(kWinogradFilterMatrix[j], half[i], transformed[i * 6 + j]);
  }
}

}  // namespace glimpse::kernels
