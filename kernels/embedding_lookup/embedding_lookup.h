// SPDX-License-Identifier: Apache-2.0
// EMBEDDING_LOOKUP with dequantization: a row of a matrix for each index.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

struct EmbeddingParams {
  int64_t depth = 1;              // elements of a row
  const float* scales = nullptr;  // one, or one a row when per_row
  bool per_row = false;
};

// Row `index` of `table`, [rows, depth] of int8 or packed int4, as float: output[j] = float(stored[j]) * scale. Packed
// rows follow each other without padding, but a row is read from a whole byte on, as the runtime does: with an odd
// depth, odd rows begin one element early. REQUIRES: 0 <= index < rows. Touches nothing else; output overlaps no input.
// Cannot fail. Reentrant. Exactness: LiteRT 2.3; TFLite Micro for int8 with one scale. Source: TFLite,
// kernels/embedding_lookup.cc.
void EmbeddingRowS8Ref(const EmbeddingParams& params, const int8_t* table, int64_t index, float* output);
void EmbeddingRowS4Ref(const EmbeddingParams& params, const uint8_t* table, int64_t index, float* output);

}  // namespace glimpse::kernels
