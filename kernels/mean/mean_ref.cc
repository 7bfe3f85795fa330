// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "kernels/mean/mean.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

int32_t MeanOf(const MeanParams& p, int32_t sum) {
  const auto shifted = static_cast<int32_t>(int64_t{sum} - p.input_zero_point * p.reduced_count);
  return WrappingAdd(MultiplyDoubleRounding(shifted, p.multiplier), p.output_zero_point);
}

}  // namespace

FixedPointMultiplier MeanMultiplier(double scale_ratio, int64_t count) {
  const FixedPointMultiplier whole = QuantizeMultiplier(scale_ratio);
  const int log2 = 63 - std::countl_zero(static_cast<uint64_t>(count));
  const int shift = std::min({log2, 32, 31 + whole.shift});
  return {static_cast<int32_t>((int64_t{whole.multiplier} << shift) / count), whole.shift - shift};
}

void MeanS8Ref(const MeanParams& p, const int8_t* input, int32_t* sums, int8_t* output) {
  // Elements of `sums` that a step along each dimension moves.
  std::array<int64_t, kMaxMeanRank> step{};
  int64_t size = 1;
  int64_t input_count = 1;
  for (int d = p.rank - 1; d >= 0; --d) {
    const auto k = static_cast<size_t>(d);
    input_count *= p.dims[k];
    if (p.reduced[k]) continue;
    step[k] = size;
    size *= p.dims[k];
  }
  std::fill(sums, sums + p.output_count, 0);
  std::array<int32_t, kMaxMeanRank> at{};
  int64_t target = 0;
  for (int64_t i = 0; i < input_count; ++i) {
    sums[target] = WrappingAdd(sums[target], input[i]);
    for (int d = p.rank - 1; d >= 0; --d) {  // to the next element, like the wheels of a counter
      const auto k = static_cast<size_t>(d);
      target += step[k];
      if (++at[k] < p.dims[k]) break;
      target -= step[k] * p.dims[k];
      at[k] = 0;
    }
  }
  for (int64_t i = 0; i < p.output_count; ++i) {
    output[i] = static_cast<int8_t>(std::min(std::max(MeanOf(p, sums[i]), -128), 127));
  }
}

}  // namespace glimpse::kernels
