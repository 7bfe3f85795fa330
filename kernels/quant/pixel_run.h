// SPDX-License-Identifier: Apache-2.0
// Where the pixels of a tile of sums go.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// Neighbouring pixels of a tile that become neighbours in the output.
struct PixelRun {
  int8_t* to;
  int32_t first;  // of the tile's pixels
  int32_t count;
};

}  // namespace glimpse::kernels
