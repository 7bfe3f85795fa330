// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/space_to_batch/space_to_batch.h"

namespace glimpse::kernels {
namespace {

// Calls visit(offset of the tall pixel, offset of the wide pixel or -1), tall pixels in order; offsets in bytes.
template <typename Visit>
void ForEachPixel(const SpaceToBatchParams& p, Visit visit) {
  int64_t tall = 0;
  for (int32_t block = 0; block < p.block_height * p.block_width; ++block) {
    const int32_t first_y = block / p.block_width - p.top;
    const int32_t first_x = block % p.block_width - p.left;
    for (int32_t n = 0; n < p.batches; ++n) {
      for (int32_t y = 0; y < p.tall_height; ++y) {
        for (int32_t x = 0; x < p.tall_width; ++x, ++tall) {
          const int64_t wide_y = int64_t{y} * p.block_height + first_y;
          const int64_t wide_x = int64_t{x} * p.block_width + first_x;
          const bool inside = wide_y >= 0 && wide_y < p.height && wide_x >= 0 && wide_x < p.width;
          const auto bytes = static_cast<int64_t>(p.pixel_bytes);
          visit(tall * bytes, inside ? ((n * int64_t{p.height} + wide_y) * p.width + wide_x) * bytes : -1);
        }
      }
    }
  }
}

}  // namespace

void SpaceToBatchRef(const SpaceToBatchParams& p, const void* value, const void* wide, void* tall) {
  const auto* from = static_cast<const char*>(wide);
  auto* to = static_cast<char*>(tall);
  ForEachPixel(p, [&](int64_t tall_offset, int64_t wide_offset) {
    if (wide_offset >= 0) {
      std::memcpy(to + tall_offset, from + wide_offset, p.pixel_bytes);
      return;
    }
    for (size_t i = 0; i < p.pixel_bytes; i += p.element_bytes) {
      std::memcpy(to + tall_offset + i, value, p.element_bytes);
    }
  });
}

void BatchToSpaceRef(const SpaceToBatchParams& p, const void* tall, void* wide) {
  const auto* from = static_cast<const char*>(tall);
  auto* to = static_cast<char*>(wide);
  ForEachPixel(p, [&](int64_t tall_offset, int64_t wide_offset) {
    if (wide_offset >= 0) std::memcpy(to + wide_offset, from + tall_offset, p.pixel_bytes);
  });
}

}  // namespace glimpse::kernels
