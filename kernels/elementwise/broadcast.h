// SPDX-License-Identifier: Apache-2.0
// How operators on several tensors walk through them: shapes are compared from their last dimension, and a dimension of
// 1, or one that is not there, is repeated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace glimpse::kernels {

inline constexpr int kMaxElementwiseRank = 8;

// Shape of the output and, for each input, how many elements a step along each dimension moves (0 where it is
// repeated). Rank 0 is one element.
template <size_t kInputs>
struct Broadcast {
  int rank = 0;
  std::array<int32_t, kMaxElementwiseRank> dims{};
  std::array<std::array<int64_t, kMaxElementwiseRank>, kInputs> steps{};
};

// Calls row(at, step, count) for every row of the last dimension, in the order of the output: at[i] is the offset of
// the row's first element in input i, step[i] what the next element adds. Reentrant.
template <size_t kInputs, typename Row>
void ForEachRow(const Broadcast<kInputs>& shape, Row row) {
  using Offsets = std::array<int64_t, kInputs>;
  const int last = shape.rank > 0 ? shape.rank - 1 : 0;
  const int32_t count = shape.rank > 0 ? shape.dims[static_cast<size_t>(last)] : 1;
  for (int d = 0; d < shape.rank; ++d) {
    if (shape.dims[static_cast<size_t>(d)] == 0) return;  // however many rows there are
  }
  int64_t rows = 1;
  for (int d = 0; d < last; ++d) rows *= shape.dims[static_cast<size_t>(d)];
  Offsets at{};
  Offsets step{};
  for (size_t i = 0; i < kInputs; ++i) step[i] = shape.steps[i][static_cast<size_t>(last)];
  std::array<int32_t, kMaxElementwiseRank> index{};
  for (int64_t r = 0; r < rows; ++r) {
    row(at, step, count);
    for (int d = last - 1; d >= 0; --d) {  // to the next row, like the wheels of a counter
      const auto k = static_cast<size_t>(d);
      for (size_t i = 0; i < kInputs; ++i) at[i] += shape.steps[i][k];
      if (++index[k] < shape.dims[k]) break;
      for (size_t i = 0; i < kInputs; ++i) at[i] -= shape.steps[i][k] * shape.dims[k];
      index[k] = 0;
    }
  }
}

// output = function(a, b) for every element, dense in the order of the output. Reentrant.
template <typename In, typename Out, typename Function>
void ForEachPair(const Broadcast<2>& shape, const In* a, const In* b, Out* output, Function function) {
  ForEachRow(shape, [&](const auto& at, const auto& step, int32_t count) {
    for (int32_t i = 0; i < count; ++i) *output++ = function(a[at[0] + i * step[0]], b[at[1] + i * step[1]]);
  });
}

}  // namespace glimpse::kernels
