// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels/range/range.h"

namespace glimpse::kernels {
namespace {

constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

// a - b for a >= b, without overflow.
uint64_t Distance(int64_t a, int64_t b) { return static_cast<uint64_t>(a) - static_cast<uint64_t>(b); }

}  // namespace

template <typename T>
std::optional<int32_t> RangeCount(T start, T limit, T delta) {
  const bool towards = delta > 0 ? start <= limit : (delta < 0 && start >= limit);
  if (!towards) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>) {
    const T count = std::ceil(std::abs((limit - start) / delta));
    if (!(count < static_cast<T>(kMost))) return std::nullopt;
    return static_cast<int32_t>(count);
  } else {
    const uint64_t distance = delta > 0 ? Distance(limit, start) : Distance(start, limit);
    const uint64_t step = delta > 0 ? static_cast<uint64_t>(delta) : Distance(0, delta);
    const uint64_t count = distance / step + (distance % step != 0 ? 1 : 0);
    if (count > static_cast<uint64_t>(kMost)) return std::nullopt;
    return static_cast<int32_t>(count);
  }
}

template <typename T>
void RangeRef(T start, T delta, int32_t count, T* output) {
  if (count > 0) output[0] = start;
  for (int32_t i = 1; i < count; ++i) output[i] = static_cast<T>(output[i - 1] + delta);
}

template std::optional<int32_t> RangeCount(int32_t, int32_t, int32_t);
template std::optional<int32_t> RangeCount(int64_t, int64_t, int64_t);
template std::optional<int32_t> RangeCount(float, float, float);
template void RangeRef(int32_t, int32_t, int32_t, int32_t*);
template void RangeRef(int64_t, int64_t, int32_t, int64_t*);
template void RangeRef(float, float, int32_t, float*);

}  // namespace glimpse::kernels
