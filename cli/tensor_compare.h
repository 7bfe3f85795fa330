// SPDX-License-Identifier: Apache-2.0
// Two tensors' contents, element by element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/model/dtype.h"

namespace glimpse::cli {

// How two contents differ. Floats differ when their bits do; two NaNs of the same bits are equal.
struct TensorDifference {
  uint64_t count = 0;
  double max = 0;  // largest |ours - theirs|
  bool integer = true;
  size_t first = 0;  // flat index of the first, and both values there
  double ours = 0;
  double theirs = 0;

  // Adds the differences of another sample; `first` and its values stay those of the earlier one.
  void Add(const TensorDifference& other);
};

// Spans of `elements` elements of `type` each. Reentrant.
TensorDifference CompareTensors(DType type, std::span<const std::byte> ours, std::span<const std::byte> theirs,
                                size_t elements);

}  // namespace glimpse::cli
