// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "kernels/boolean.h"
#include "kernels/gather/gather.h"

namespace glimpse::kernels {
namespace {

// Byte offset of the slice that `index` names; -1 when it lies outside.
template <typename Index>
int64_t OffsetOf(const GatherNdParams& p, const Index* index) {
  int64_t offset = 0;
  for (int d = 0; d < p.depth; ++d) {
    const auto k = static_cast<size_t>(d);
    const int64_t at = index[d];
    if (at < 0 || at >= p.dims[k]) return -1;
    offset += at * p.step[k];
  }
  return offset;
}

template <typename T>
void Accumulate(const T* from, size_t count, T* to) {
  for (size_t i = 0; i < count; ++i) {
    if constexpr (std::is_same_v<T, Boolean>) {
      to[i] = to[i] || from[i];
    } else if constexpr (std::is_integral_v<T>) {
      using Unsigned = std::make_unsigned_t<T>;
      to[i] = static_cast<T>(static_cast<Unsigned>(to[i]) + static_cast<Unsigned>(from[i]));
    } else {
      to[i] += from[i];
    }
  }
}

}  // namespace

template <typename Index>
bool GatherRef(const GatherParams& p, const void* input, const Index* indices, void* output) {
  const auto* from = static_cast<const char*>(input);
  auto* to = static_cast<char*>(output);
  const size_t row_bytes = static_cast<size_t>(p.axis) * p.slice_bytes;
  for (int64_t b = 0; b < p.batches; ++b, indices += p.indices) {
    for (int64_t o = 0; o < p.outer; ++o, from += row_bytes) {
      for (int64_t i = 0; i < p.indices; ++i, to += p.slice_bytes) {
        const int64_t at = indices[i];
        if (at < 0 || at >= p.axis) return false;
        if (p.slice_bytes != 0) std::memcpy(to, from + static_cast<size_t>(at) * p.slice_bytes, p.slice_bytes);
      }
    }
  }
  return true;
}

template <typename Index>
bool GatherNdRef(const GatherNdParams& p, const void* input, const Index* indices, void* output) {
  auto* to = static_cast<char*>(output);
  for (int64_t i = 0; i < p.count; ++i, indices += p.depth, to += p.slice_bytes) {
    const int64_t offset = OffsetOf(p, indices);
    if (offset < 0) return false;
    if (p.slice_bytes != 0) std::memcpy(to, static_cast<const char*>(input) + offset, p.slice_bytes);
  }
  return true;
}

template <typename T, typename Index>
bool ScatterNdRef(const GatherNdParams& p, size_t output_bytes, const Index* indices, const T* updates, T* output) {
  std::fill_n(output, output_bytes / sizeof(T), T{});
  const size_t count = p.slice_bytes / sizeof(T);
  for (int64_t i = 0; i < p.count; ++i, indices += p.depth, updates += count) {
    const int64_t offset = OffsetOf(p, indices);
    if (offset < 0) return false;
    Accumulate(updates, count, output + static_cast<size_t>(offset) / sizeof(T));
  }
  return true;
}

template bool GatherRef(const GatherParams&, const void*, const int16_t*, void*);
template bool GatherRef(const GatherParams&, const void*, const int32_t*, void*);
template bool GatherRef(const GatherParams&, const void*, const int64_t*, void*);
template bool GatherNdRef(const GatherNdParams&, const void*, const int16_t*, void*);
template bool GatherNdRef(const GatherNdParams&, const void*, const int32_t*, void*);
template bool GatherNdRef(const GatherNdParams&, const void*, const int64_t*, void*);
template bool ScatterNdRef(const GatherNdParams&, size_t, const int32_t*, const float*, float*);
template bool ScatterNdRef(const GatherNdParams&, size_t, const int32_t*, const int8_t*, int8_t*);
template bool ScatterNdRef(const GatherNdParams&, size_t, const int32_t*, const uint8_t*, uint8_t*);
template bool ScatterNdRef(const GatherNdParams&, size_t, const int32_t*, const int32_t*, int32_t*);
template bool ScatterNdRef(const GatherNdParams&, size_t, const int32_t*, const int64_t*, int64_t*);
template bool ScatterNdRef(const GatherNdParams&, size_t, const int32_t*, const Boolean*, Boolean*);

}  // namespace glimpse::kernels
