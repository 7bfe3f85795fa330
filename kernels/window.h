// SPDX-License-Identifier: Apache-2.0
// One spatial axis of a sliding window: which part of a filter lies on the input.
#pragma once

#include <algorithm>
#include <cstdint>

namespace glimpse::kernels {

// Sizes along one axis, in elements. Output position o looks at inputs o * stride - pad_before + f * dilation, f in
// [0, filter). All sizes >= 1, pad_before >= 0; input + pad_before + (filter - 1) * dilation < 2^31 and every window
// begins before the input's end.
struct WindowAxis {
  int32_t input = 1;
  int32_t filter = 1;
  int32_t output = 1;
  int32_t stride = 1;
  int32_t dilation = 1;
  int32_t pad_before = 0;
  int32_t slice_of = 0;  // where this is a part of an axis (row_slices.h), the outputs of that; 0: it is whole

  // What weights are packed by must not depend on the part.
  int32_t WholeOutput() const { return slice_of == 0 ? output : slice_of; }
};

// Filter positions [begin, end) that lie on the input, and the input position of filter position 0 (negative: in the
// padding).
struct WindowRange {
  int32_t origin = 0;
  int32_t begin = 0;
  int32_t end = 0;
};

// The range of output position `o`; begin > end never. Reentrant, cannot fail.
inline WindowRange RangeAt(const WindowAxis& axis, int32_t o) {
  WindowRange range;
  range.origin = o * axis.stride - axis.pad_before;
  if (range.origin < 0) range.begin = (-range.origin + axis.dilation - 1) / axis.dilation;
  const int32_t left = axis.input - range.origin;  // inputs from the origin to the end
  range.end = std::min(axis.filter, (left - 1) / axis.dilation + 1);
  range.end = std::max(range.end, range.begin);
  return range;
}

}  // namespace glimpse::kernels
