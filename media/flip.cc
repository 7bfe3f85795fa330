// SPDX-License-Identifier: Apache-2.0
#include "media/flip.h"

#include <algorithm>
#include <utility>

namespace glimpse::media {
namespace {

// Bytes that stay together when a row is mirrored.
size_t UnitBytes(PixelFormat format, size_t plane) {
  switch (format) {
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      return 3;
    case PixelFormat::kXrgb32:
    case PixelFormat::kXbgr32:
    case PixelFormat::kYuyv:
      return 4;
    case PixelFormat::kNv12:
      return plane == 0 ? 1 : 2;
    default:
      return 1;
  }
}

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
      if (format == PixelFormat::kYuyv) std::swap(to[0], to[2]);  // the two pixels of the pair
    }
  }
}

}  // namespace glimpse::media
