// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/select.h"

namespace glimpse::kernels {

template <typename T>
void SelectRef(const Broadcast<3>& shape, const uint8_t* condition, const T* x, const T* y, T* output) {
  ForEachRow(shape, [&](const auto& at, const auto& step, int32_t count) {
    for (int32_t i = 0; i < count; ++i) {
      *output++ = condition[at[0] + i * step[0]] != 0 ? x[at[1] + i * step[1]] : y[at[2] + i * step[2]];
    }
  });
}

template void SelectRef(const Broadcast<3>&, const uint8_t*, const uint8_t*, const uint8_t*, uint8_t*);
template void SelectRef(const Broadcast<3>&, const uint8_t*, const uint16_t*, const uint16_t*, uint16_t*);
template void SelectRef(const Broadcast<3>&, const uint8_t*, const uint32_t*, const uint32_t*, uint32_t*);
template void SelectRef(const Broadcast<3>&, const uint8_t*, const uint64_t*, const uint64_t*, uint64_t*);

}  // namespace glimpse::kernels
