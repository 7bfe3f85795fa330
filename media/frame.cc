// SPDX-License-Identifier: Apache-2.0
#include "media/frame.h"

#include <cassert>
#include <utility>

#include "base/checked_math.h"

namespace glimpse::media {

std::string_view PixelFormatName(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGrey8:
      return "grey8";
    case PixelFormat::kRgb24:
      return "rgb24";
    case PixelFormat::kBgr24:
      return "bgr24";
    case PixelFormat::kXrgb32:
      return "xrgb32";
    case PixelFormat::kXbgr32:
      return "xbgr32";
    case PixelFormat::kYuyv:
      return "yuyv";
    case PixelFormat::kNv12:
      return "nv12";
    case PixelFormat::kYuv420:
      return "yuv420";
  }
  return "unknown";
}

size_t PlaneCount(PixelFormat format) {
  switch (format) {
    case PixelFormat::kNv12:
      return 2;
    case PixelFormat::kYuv420:
      return 3;
    default:
      return 1;
  }
}

size_t RowBytes(PixelFormat format, size_t plane, int width) {
  const auto pixels = static_cast<size_t>(width);
  const size_t half = (pixels + 1) / 2;
  switch (format) {
    case PixelFormat::kGrey8:
      return pixels;
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      return 3 * pixels;
    case PixelFormat::kXrgb32:
    case PixelFormat::kXbgr32:
      return 4 * pixels;
    case PixelFormat::kYuyv:
      return 4 * half;
    case PixelFormat::kNv12:
      return plane == 0 ? pixels : 2 * half;
    case PixelFormat::kYuv420:
      return plane == 0 ? pixels : half;
  }
  return 0;
}

size_t RowCount(PixelFormat format, size_t plane, int height) {
  const auto rows = static_cast<size_t>(height);
  const bool halved = plane > 0 && (format == PixelFormat::kNv12 || format == PixelFormat::kYuv420);
  return halved ? (rows + 1) / 2 : rows;
}

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
