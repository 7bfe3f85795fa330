// SPDX-License-Identifier: Apache-2.0
#include "kernels/embedding_lookup/embedding_lookup.h"
#include "kernels/quant/int4.h"

namespace glimpse::kernels {

void EmbeddingRowS8Ref(const EmbeddingParams& p, const int8_t* table, int64_t index, float* output) {
  const float scale = p.scales[p.per_row ? index : 0];
  const int8_t* row = table + index * p.depth;
  for (int64_t j = 0; j < p.depth; ++j) output[j] = static_cast<float>(row[j]) * scale;
}

void EmbeddingRowS4Ref(const EmbeddingParams& p, const uint8_t* table, int64_t index, float* output) {
  // The runtime reads the nibble as the upper one of a byte, and so 16 times as large.
  const float scale = p.scales[p.per_row ? index : 0] / 16;
  const PackedInt4 row(table + index * p.depth / 2);
  for (int64_t j = 0; j < p.depth; ++j) output[j] = static_cast<float>(row[static_cast<size_t>(j)] * 16) * scale;
}

}  // namespace glimpse::kernels
