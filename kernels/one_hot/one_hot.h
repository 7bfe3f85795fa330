// SPDX-License-Identifier: Apache-2.0
// ONE_HOT: each index becomes a row that is `on` at the index and `off` elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

// The indices seen as [outer, inner], the output as [outer, depth, inner].
struct OneHotParams {
  int64_t outer = 1;
  int64_t depth = 1;
  int64_t inner = 1;
  size_t element_bytes = 1;
};

// out[o, d, i] = index[o, i] == d ? on : off, copies of element_bytes bytes; an index outside of [0, depth) makes a row
// of `off`. Index is int32_t or int64_t. Output overlaps no input. Cannot fail. Reentrant. Exactness: every runtime,
// since nothing is computed. Source: TFLite, kernels/one_hot.cc.
template <typename Index>
void OneHotRef(const OneHotParams& params, const Index* indices, const void* on, const void* off, void* output);

}  // namespace glimpse::kernels
