// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/join/join.h"

namespace glimpse::kernels {

void CopyRunsRef(size_t outer, size_t run_bytes, size_t output_stride_bytes, const void* input, void* output) {
  if (run_bytes == 0) return;
  const char* from = static_cast<const char*>(input);
  char* to = static_cast<char*>(output);
  for (size_t i = 0; i < outer; ++i, from += run_bytes, to += output_stride_bytes) std::memcpy(to, from, run_bytes);
}

}  // namespace glimpse::kernels
