// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/one_hot/one_hot.h"

namespace glimpse::kernels {

template <typename Index>
void OneHotRef(const OneHotParams& p, const Index* indices, const void* on, const void* off, void* output) {
  auto* to = static_cast<char*>(output);
  for (int64_t o = 0; o < p.outer; ++o, indices += p.inner) {
    for (int64_t d = 0; d < p.depth; ++d) {
      for (int64_t i = 0; i < p.inner; ++i, to += p.element_bytes) {
        std::memcpy(to, int64_t{indices[i]} == d ? on : off, p.element_bytes);
      }
    }
  }
}

template void OneHotRef(const OneHotParams&, const int32_t*, const void*, const void*, void*);
template void OneHotRef(const OneHotParams&, const int64_t*, const void*, const void*, void*);

}  // namespace glimpse::kernels
