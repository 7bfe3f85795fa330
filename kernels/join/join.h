// SPDX-License-Identifier: Apache-2.0
// CONCATENATION and PACK: puts tensors side by side.
#pragma once

#include <cstddef>

namespace glimpse::kernels {

// Copies one part of a joined tensor: seen from the joined dimension, the part is `outer` runs of `run_bytes` bytes,
// which go to distance `output_stride_bytes` from each other, the first to `output`. Preconditions: memory of these
// sizes; output overlaps no input. Cannot fail. Reentrant.
void CopyRunsRef(size_t outer, size_t run_bytes, size_t output_stride_bytes, const void* input, void* output);

}  // namespace glimpse::kernels
