// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/where/where.h"

namespace glimpse::kernels {

template <typename T>
int64_t CountNonZero(const T* condition, int64_t count) {
  return std::count_if(condition, condition + count, [](T value) { return value != T{0}; });
}

template <typename T>
void WhereRef(const WhereParams& p, const T* condition, int64_t* output) {
  int64_t count = 1;
  for (int32_t d = 0; d < p.rank; ++d) count *= p.dims[static_cast<size_t>(d)];
  for (int64_t i = 0; i < count; ++i) {
    if (condition[i] == T{0}) continue;
    int64_t rest = i;
    for (int32_t d = p.rank - 1; d >= 0; --d) {
      const int64_t dim = p.dims[static_cast<size_t>(d)];
      output[d] = rest % dim;
      rest /= dim;
    }
    output += p.rank;
  }
}

template int64_t CountNonZero(const uint8_t*, int64_t);
template int64_t CountNonZero(const int8_t*, int64_t);
template int64_t CountNonZero(const int32_t*, int64_t);
template int64_t CountNonZero(const int64_t*, int64_t);
template int64_t CountNonZero(const float*, int64_t);
template void WhereRef(const WhereParams&, const uint8_t*, int64_t*);
template void WhereRef(const WhereParams&, const int8_t*, int64_t*);
template void WhereRef(const WhereParams&, const int32_t*, int64_t*);
template void WhereRef(const WhereParams&, const int64_t*, int64_t*);
template void WhereRef(const WhereParams&, const float*, int64_t*);

}  // namespace glimpse::kernels
