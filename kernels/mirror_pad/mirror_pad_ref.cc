// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/mirror_pad/mirror_pad.h"

namespace glimpse::kernels {
namespace {

int64_t Mirrored(int64_t at, int64_t size, bool repeat_edge) {
  const int64_t edge = repeat_edge ? 1 : 0;
  if (at < 0) return -at - edge;
  return at < size ? at : 2 * (size - 1) - at + edge;
}

// Writes dimension `d` and those after it; returns the end of what it wrote. `offset` counts input elements.
char* Dimension(const MirrorPadParams& p, int d, int64_t offset, const char* input, char* output) {
  if (d == p.rank) {
    std::memcpy(output, input + offset * static_cast<int64_t>(p.element_bytes), p.element_bytes);
    return output + p.element_bytes;
  }
  const auto k = static_cast<size_t>(d);
  for (int32_t i = 0; i < p.output_dims[k]; ++i) {
    const int64_t at = Mirrored(int64_t{i} - p.before[k], p.input_dims[k], p.repeat_edge);
    output = Dimension(p, d + 1, offset * p.input_dims[k] + at, input, output);
  }
  return output;
}

}  // namespace

void MirrorPadRef(const MirrorPadParams& params, const void* input, void* output) {
  Dimension(params, 0, 0, static_cast<const char*>(input), static_cast<char*>(output));
}

}  // namespace glimpse::kernels
