// SPDX-License-Identifier: Apache-2.0
#include "media/flip.h"

#include <algorithm>
#include <utility>

namespace glimpse::media {
namespace {

// Bytes that stay together when a row is mirrored.
size_t UnitBytes(PixelFormat format, size_t plane) {
  if (plane == 0) return InfoOf(format).unit_bytes;
  return PlaneCount(format) == 2 ? 2 : 1;
}

// Whether two pixels side by side share their chroma within one unit.
bool IsPaired(PixelFormat format) { return format == PixelFormat::kYuyv || format == PixelFormat::kUyvy; }

}  // namespace

void CopyPlane(PixelFormat format, size_t plane, int width, int height, const uint8_t* in, size_t stride, bool hflip,
               bool vflip, uint8_t* out) {
  const size_t row_bytes = RowBytes(format, plane, width);
  const size_t rows = RowCount(format, plane, height);
  const size_t unit = UnitBytes(format, plane);
  for (size_t y = 0; y < rows; ++y, out += row_bytes) {
    const uint8_t* row = in + (vflip ? rows - 1 - y : y) * stride;
    if (!hflip) {
      std::copy_n(row, row_bytes, out);
      continue;
    }
    for (size_t at = 0; at < row_bytes; at += unit) {
      uint8_t* to = out + (row_bytes - unit - at);
      std::copy_n(row + at, unit, to);
      if (!IsPaired(format)) continue;
      const size_t luma = format == PixelFormat::kYuyv ? 0 : 1;
      std::swap(to[luma], to[luma + 2]);
    }
  }
}

Frame Flipped(Frame frame, bool hflip, bool vflip, FramePool& pool) {
  if (!hflip && !vflip) return frame;
  Frame flipped = frame;
  const auto pixels = pool.Take(frame.storage->size());
  size_t size = 0;
  for (size_t p = 0; p < PlaneCount(frame.format); ++p) {
    flipped.planes[p] = {size, RowBytes(frame.format, p, frame.width)};
    size += flipped.planes[p].stride * RowCount(frame.format, p, frame.height);
    CopyPlane(frame.format, p, frame.width, frame.height, frame.Row(p, 0), frame.planes[p].stride, hflip, vflip,
              pixels->data() + flipped.planes[p].offset);
  }
  flipped.storage = pixels;
  return flipped;
}

}  // namespace glimpse::media
