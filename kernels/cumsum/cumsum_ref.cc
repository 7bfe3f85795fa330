// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/cumsum/cumsum.h"

namespace glimpse::kernels {

template <typename T>
void CumsumRef(const CumsumParams& p, const T* input, T* output) {
  for (int64_t o = 0; o < p.outer; ++o) {
    for (int64_t i = 0; i < p.inner; ++i) {
      T sum{};
      for (int64_t step = 0; step < p.length; ++step) {
        const int64_t a = p.reverse ? p.length - 1 - step : step;
        const int64_t at = (o * p.length + a) * p.inner + i;
        const T value = input[at];
        if (p.exclusive) output[at] = sum;
        if constexpr (std::is_floating_point_v<T>) {
          sum = step == 0 ? value : sum + value;
        } else {
          sum = static_cast<T>(static_cast<uint64_t>(sum) + static_cast<uint64_t>(value));
        }
        if (!p.exclusive) output[at] = sum;
      }
    }
  }
}

template void CumsumRef(const CumsumParams&, const int32_t*, int32_t*);
template void CumsumRef(const CumsumParams&, const int64_t*, int64_t*);
template void CumsumRef(const CumsumParams&, const float*, float*);

}  // namespace glimpse::kernels
