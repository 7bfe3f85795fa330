// SPDX-License-Identifier: Apache-2.0
// PAD: copies a tensor into a larger one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

inline constexpr int kMaxPadRank = 8;

struct PadParams {
  int rank = 0;
  std::array<int32_t, kMaxPadRank> input_dims{};
  std::array<int32_t, kMaxPadRank> before{};
  std::array<int32_t, kMaxPadRank> after{};
  size_t element_bytes = 1;
};

// The input with before[d] elements in front of and after[d] elements behind dimension d, each new element a copy of
// the `element_bytes` bytes at `value`: real 0, which is the zero point of a quantized tensor. Shapes: input
// input_dims, output input_dims + before + after; dense. Preconditions: paddings >= 0, sizes that fit size_t. Output
// overlaps no input. Cannot fail. Reentrant. Exactness: every runtime, since nothing is computed.
void PadRef(const PadParams& params, const void* value, const void* input, void* output);

}  // namespace glimpse::kernels
