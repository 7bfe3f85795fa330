// SPDX-License-Identifier: Apache-2.0
// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: pixels at distance `block` become neighbours in one of block^2 images, and
// back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// The wide side is [batches, height, width, pixel_bytes], the tall side [batches * block_height * block_width,
// tall_height, tall_width, pixel_bytes]. `top` and `left` are what padding adds to, or cropping takes from, the wide
// side before its first row and column.
struct SpaceToBatchParams {
  int32_t batches = 1;
  int32_t height = 1, width = 1;
  int32_t tall_height = 1, tall_width = 1;
  int32_t block_height = 1, block_width = 1;
  int32_t top = 0, left = 0;
  size_t pixel_bytes = 1;
  size_t element_bytes = 1;
};

// tall[(by * block_width + bx) * batches + n, y, x] = wide[n, y * block_height + by - top, x * block_width + bx -
// left], or `element_bytes` bytes of `value` again and again where that lies outside. Preconditions: validated
// parameters. Output overlaps no input. Cannot fail. Reentrant. Exactness: every runtime. Source: TFLite,
// kernels/internal/reference/reference_ops.h, SpaceToBatchND.
void SpaceToBatchRef(const SpaceToBatchParams& params, const void* value, const void* wide, void* tall);

// The other way; what lies outside of the wide side is dropped, and every element of the wide side must be met.
void BatchToSpaceRef(const SpaceToBatchParams& params, const void* tall, void* wide);

}  // namespace glimpse::kernels
