// SPDX-License-Identifier: Apache-2.0
// Copies elements from one regular arrangement to another: what TRANSPOSE, SPLIT, TILE, SPACE_TO_DEPTH and their like
// are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// Twice the largest rank of a tensor: TILE and DEPTH_TO_SPACE see one dimension as two.
inline constexpr int kMaxCopyRank = 16;

// count[d] steps along dimension d, each moving by so many bytes in the input and in the output. Strides may be 0 (the
// same element again) or negative.
struct StridedCopyParams {
  int rank = 0;
  std::array<int32_t, kMaxCopyRank> count{};
  std::array<int64_t, kMaxCopyRank> input_stride{};
  std::array<int64_t, kMaxCopyRank> output_stride{};
  size_t element_bytes = 1;

  // Adds a dimension behind those that are there. REQUIRES: rank < kMaxCopyRank.
  void Add(int64_t steps, int64_t input_bytes, int64_t output_bytes) {
    const auto d = static_cast<size_t>(rank++);
    count[d] = static_cast<int32_t>(steps);
    input_stride[d] = input_bytes;
    output_stride[d] = output_bytes;
  }
  // Sets output_stride so that the output is dense, last dimension fastest. Wraps when the output is larger than
  // memory.
  void MakeOutputDense() {
    uint64_t bytes = element_bytes;
    for (int d = rank - 1; d >= 0; --d) {
      output_stride[static_cast<size_t>(d)] = static_cast<int64_t>(bytes);
      bytes *= static_cast<uint64_t>(count[static_cast<size_t>(d)]);
    }
  }
};

// output[sum i_d * output_stride_d] = input[sum i_d * input_stride_d] for all 0 <= i_d < count_d; addresses in bytes,
// element_bytes copied each time. Preconditions: every address lies inside of its tensor. Output overlaps no input.
// Cannot fail. Reentrant. Exactness: every runtime, since nothing is computed.
void StridedCopyRef(const StridedCopyParams& params, const void* input, void* output);

}  // namespace glimpse::kernels
