// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/strided_slice/strided_slice.h"

namespace glimpse::kernels {
namespace {

// Copies what dimension `d` and those after it pick from the part of the input at `input`; returns the end of the
// output.
char* Dimension(const StridedSliceParams& p, int d, int64_t elements, const char* input, char* output) {
  if (d == p.rank) {
    std::memcpy(output, input, p.element_bytes);
    return output + p.element_bytes;
  }
  const auto k = static_cast<size_t>(d);
  const int64_t inner = elements / p.dims[k];  // elements in one step
  if (d == p.rank - 1 && p.stride[k] == 1) {
    const size_t bytes = static_cast<size_t>(p.count[k]) * p.element_bytes;
    std::memcpy(output, input + static_cast<size_t>(p.begin[k]) * p.element_bytes, bytes);
    return output + bytes;
  }
  for (int64_t i = 0; i < p.count[k]; ++i) {
    const int64_t at = p.begin[k] + i * p.stride[k];
    output = Dimension(p, d + 1, inner, input + at * inner * static_cast<int64_t>(p.element_bytes), output);
  }
  return output;
}

}  // namespace

void StridedSliceRef(const StridedSliceParams& params, const void* input, void* output) {
  int64_t elements = 1;
  for (int d = 0; d < params.rank; ++d) {
    if (params.count[static_cast<size_t>(d)] == 0) return;
    elements *= params.dims[static_cast<size_t>(d)];
  }
  Dimension(params, 0, elements, static_cast<const char*>(input), static_cast<char*>(output));
}

}  // namespace glimpse::kernels
