// SPDX-License-Identifier: Apache-2.0
#include "media/frame.h"

#include <cassert>
#include <utility>

#include "base/checked_math.h"

namespace glimpse::media {

bool Frame::IsConsistent() const {
  if (width <= 0 || height <= 0 || storage == nullptr) return false;
  for (size_t p = 0; p < PlaneCount(format); ++p) {
    const size_t row_bytes = RowBytes(format, p, width);
    if (planes[p].stride < row_bytes) return false;
    const auto before_last = CheckedMul<size_t>(RowCount(format, p, height) - 1, planes[p].stride);
    if (!before_last) return false;
    const auto last = CheckedAdd<size_t>(planes[p].offset, *before_last);
    if (!last) return false;
    const auto end = CheckedAdd<size_t>(*last, row_bytes);
    if (!end || *end > storage->size()) return false;
  }
  return true;
}

Frame MakeFrame(PixelFormat format, int width, int height, std::vector<uint8_t> pixels) {
  assert(PlaneCount(format) == 1);
  Frame frame;
  frame.format = format;
  frame.width = width;
  frame.height = height;
  frame.planes[0] = {0, RowBytes(format, 0, width)};
  frame.storage = std::make_shared<const std::vector<uint8_t>>(std::move(pixels));
  assert(frame.IsConsistent());
  return frame;
}

}  // namespace glimpse::media
