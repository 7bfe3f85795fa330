// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

#include "kernels/mean/mean.h"
namespace glimpse::kernels {
namespace {

template <typename T, typename Sum>
void Mean(const ReduceShape& shape, const T* input, Sum* sums, T* output) {
  if (shape.input_count() == 0) {
    std::fill(output, output + shape.output_count, std::numeric_limits<T>::quiet_NaN());
    return;
  }
  std::fill(sums, sums + shape.output_count, Sum{});
  ForEachReduced(shape, [&](int64_t i, int64_t k, bool) {
    if constexpr (std::is_floating_point_v<Sum>) {
      sums[k] += input[i];
    } else {
      sums[k] = static_cast<Sum>(static_cast<uint64_t>(sums[k]) + static_cast<uint64_t>(int64_t{input[i]}));
    }
  });
  for (int64_t k = 0; k < shape.output_count; ++k) {
    output[k] = static_cast<T>(sums[k] / static_cast<Sum>(shape.reduced_count));
  }
}

}  // namespace

FixedPointMultiplier MeanMultiplier(double scale_ratio, int64_t count) {
  const FixedPointMultiplier whole = QuantizeMultiplier(scale_ratio);
  const int log2 = 63 - std::countl_zero(static_cast<uint64_t>(count));
  const int shift = std::min({log2, 32, 31 + whole.shift});
  return {static_cast<int32_t>((int64_t{whole.multiplier} << shift) / count), whole.shift - shift};
}

void MeanS32Ref(const ReduceShape& shape, const int32_t* input, int64_t* sums, int32_t* output) {
  Mean(shape, input, sums, output);
}
void MeanS64Ref(const ReduceShape& shape, const int64_t* input, int64_t* sums, int64_t* output) {
  Mean(shape, input, sums, output);
}
void MeanF32Ref(const ReduceShape& shape, const float* input, float* sums, float* output) {
  Mean(shape, input, sums, output);
}

}  // namespace glimpse::kernels
