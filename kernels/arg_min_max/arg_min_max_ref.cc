// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arg_min_max/arg_min_max.h"
#include "kernels/boolean.h"

namespace glimpse::kernels {
namespace {

template <typename T>
bool Beats(const ArgMinMaxParams& p, T candidate, T current) {
  if constexpr (std::is_floating_point_v<T>) {
    if (p.skip_nan && candidate == candidate && current != current) return true;
  }
  return p.is_max ? candidate > current : candidate < current;
}

}  // namespace

template <typename T, typename Index>
void ArgMinMaxRef(const ArgMinMaxParams& p, const T* input, Index* output) {
  for (int64_t o = 0; o < p.outer; ++o, input += p.length * p.inner) {
    for (int64_t i = 0; i < p.inner; ++i) {
      int32_t best = 0;
      for (int32_t a = 1; a < p.length; ++a) {
        if (Beats(p, input[a * p.inner + i], input[best * p.inner + i])) best = a;
      }
      *output++ = best;
    }
  }
}

template void ArgMinMaxRef(const ArgMinMaxParams&, const int8_t*, int32_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const uint8_t*, int32_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const int32_t*, int32_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const float*, int32_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const Boolean*, int32_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const int8_t*, int64_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const uint8_t*, int64_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const int32_t*, int64_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const float*, int64_t*);
template void ArgMinMaxRef(const ArgMinMaxParams&, const Boolean*, int64_t*);

}  // namespace glimpse::kernels
