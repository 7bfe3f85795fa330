// SPDX-License-Identifier: Apache-2.0
// MIRROR_PAD: copies a tensor into a larger one, the new elements being its mirror image.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

inline constexpr int kMaxMirrorRank = 8;

struct MirrorPadParams {
  int rank = 0;
  std::array<int32_t, kMaxMirrorRank> input_dims{};
  std::array<int32_t, kMaxMirrorRank> before{};
  std::array<int32_t, kMaxMirrorRank> output_dims{};
  bool repeat_edge = false;  // symmetric: the edge stands twice; reflect: once
  size_t element_bytes = 1;
};

// out[i...] = in[m(i)...], m mirroring what lies outside at the edges. Shapes as in the parameters, dense.
// Preconditions: paddings at most the dimension, or one less when the edge is not repeated. Output overlaps no input.
// Cannot fail. Reentrant. Exactness: every runtime. Source: TFLite, kernels/mirror_pad.cc.
void MirrorPadRef(const MirrorPadParams& params, const void* input, void* output);

}  // namespace glimpse::kernels
