// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/strided_copy/strided_copy.h"

namespace glimpse::kernels {
namespace {

void Dimension(const StridedCopyParams& p, int d, const char* input, char* output) {
  if (d == p.rank) {
    std::memcpy(output, input, p.element_bytes);
    return;
  }
  const auto k = static_cast<size_t>(d);
  const auto bytes = static_cast<int64_t>(p.element_bytes);
  if (d == p.rank - 1 && p.input_stride[k] == bytes && p.output_stride[k] == bytes) {
    std::memcpy(output, input, static_cast<size_t>(p.count[k]) * p.element_bytes);
    return;
  }
  for (int32_t i = 0; i < p.count[k]; ++i) {
    Dimension(p, d + 1, input + i * p.input_stride[k], output + i * p.output_stride[k]);
  }
}

}  // namespace

void StridedCopyRef(const StridedCopyParams& params, const void* input, void* output) {
  for (int d = 0; d < params.rank; ++d) {
    if (params.count[static_cast<size_t>(d)] == 0) return;
  }
  Dimension(params, 0, static_cast<const char*>(input), static_cast<char*>(output));
}

}  // namespace glimpse::kernels
