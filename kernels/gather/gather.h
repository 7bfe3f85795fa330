// SPDX-License-Identifier: Apache-2.0
// GATHER and GATHER_ND: picks slices by indices that are read from a tensor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// The input seen as [batches, outer, axis, slice_bytes], the indices as [batches, indices].
struct GatherParams {
  int64_t batches = 1;
  int64_t outer = 1;
  int64_t axis = 1;
  int64_t indices = 1;
  size_t slice_bytes = 1;
};

// out[b, o, i] = in[b, o, index[b, i]], slices of slice_bytes; output [batches, outer, indices, slice_bytes]. Index is
// int16_t, int32_t or int64_t. Returns false, having written only a part, when an index lies outside of [0, axis).
// Output overlaps no input. Reentrant. Exactness: every runtime. Source: TFLite, kernels/internal/reference/gather.h.
template <typename Index>
bool GatherRef(const GatherParams& params, const void* input, const Index* indices, void* output);

inline constexpr int kMaxGatherRank = 8;

// Indices of `depth` numbers, which name a slice of the leading `depth` dimensions; step[d] bytes lie between
// neighbours along dimension d.
struct GatherNdParams {
  int depth = 0;
  int64_t count = 0;  // of indices
  std::array<int32_t, kMaxGatherRank> dims{};
  std::array<int64_t, kMaxGatherRank> step{};
  size_t slice_bytes = 1;
};

// out[i] = in[index[i, 0], ..., index[i, depth - 1]], slices of slice_bytes. Returns false, having written only a part,
// when an index lies outside. As GatherRef otherwise. Source: TFLite, kernels/internal/reference/reference_ops.h,
// GatherNd.
template <typename Index>
bool GatherNdRef(const GatherNdParams& params, const void* input, const Index* indices, void* output);

// SCATTER_ND: a zeroed output of output_bytes, to whose slices the updates are added one after the other (an index may
// occur twice): out[index[i, ...]] += updates[i], slices of slice_bytes / sizeof(T) elements. Integers wrap; bool is
// "or". Returns false when an index lies outside. Source: TFLite, kernels/internal/reference/reference_ops.h,
// ScatterNd.
template <typename T, typename Index>
bool ScatterNdRef(const GatherNdParams& params, size_t output_bytes, const Index* indices, const T* updates, T* output);

}  // namespace glimpse::kernels
