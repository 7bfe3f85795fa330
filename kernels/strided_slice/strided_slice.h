// SPDX-License-Identifier: Apache-2.0
// STRIDED_SLICE: picks elements at regular distances.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

inline constexpr int kMaxSliceRank = 8;

// Along dimension d of the input the elements begin[d], begin[d] + stride[d], ..., count[d] of them, all inside of
// dims[d].
struct StridedSliceParams {
  int rank = 0;
  std::array<int32_t, kMaxSliceRank> dims{};
  std::array<int32_t, kMaxSliceRank> begin{};
  std::array<int32_t, kMaxSliceRank> stride{};
  std::array<int32_t, kMaxSliceRank> count{};
  size_t element_bytes = 1;
};

// output[i0, i1, ...] = input[begin0 + i0 * stride0, begin1 + i1 * stride1, ...].
// Shapes: input dims, output count; dense. Preconditions: validated parameters. Output overlaps no input. Cannot fail.
// Reentrant. Exactness: every runtime, since nothing is computed.
void StridedSliceRef(const StridedSliceParams& params, const void* input, void* output);

}  // namespace glimpse::kernels
