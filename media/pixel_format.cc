// SPDX-License-Identifier: Apache-2.0
#include "media/pixel_format.h"

#include <array>

#include "base/checked_math.h"
#include "base/strings.h"

namespace glimpse::media {
namespace {

constexpr std::array<PixelFormatInfo, 11> kFormats = {{
    {PixelFormat::kYuv420, "yuv420", FourCc('Y', 'U', '1', '2'), 3, 1, 1, 1, 1},
    {PixelFormat::kNv12, "nv12", FourCc('N', 'V', '1', '2'), 2, 1, 1, 1, 1},
    {PixelFormat::kGrey8, "grey8", FourCc('G', 'R', 'E', 'Y'), 1, 1, 1, 0, 0},
    {PixelFormat::kYuv422, "yuv422", FourCc('4', '2', '2', 'P'), 3, 1, 1, 1, 0},
    {PixelFormat::kYuv444, "yuv444", FourCc('4', '4', '4', 'P'), 3, 1, 1, 0, 0},
    {PixelFormat::kYuyv, "yuyv", FourCc('Y', 'U', 'Y', 'V'), 1, 4, 2, 1, 0},
    {PixelFormat::kUyvy, "uyvy", FourCc('U', 'Y', 'V', 'Y'), 1, 4, 2, 1, 0},
    {PixelFormat::kRgb24, "rgb24", FourCc('R', 'G', 'B', '3'), 1, 3, 1, 0, 0},
    {PixelFormat::kBgr24, "bgr24", FourCc('B', 'G', 'R', '3'), 1, 3, 1, 0, 0},
    {PixelFormat::kXrgb32, "xrgb32", FourCc('X', 'R', '2', '4'), 1, 4, 1, 0, 0},
    {PixelFormat::kXbgr32, "xbgr32", FourCc('X', 'B', '2', '4'), 1, 4, 1, 0, 0},
}};

// n / 2 rounded up when `half` is 1, else n.
size_t Halved(size_t n, unsigned half) { return (n + half) >> half; }

}  // namespace

std::span<const PixelFormatInfo> PixelFormats() { return kFormats; }

const PixelFormatInfo& InfoOf(PixelFormat format) {
  for (const PixelFormatInfo& info : kFormats) {
    if (info.format == format) return info;
  }
  return kFormats[0];  // not reached: every format is listed, as a test sees to
}

std::optional<PixelFormat> PixelFormatFromName(std::string_view name) {
  for (const PixelFormatInfo& info : kFormats) {
    if (info.name == name) return info.format;
  }
  return std::nullopt;
}

std::optional<PixelFormat> PixelFormatFromV4l2(uint32_t fourcc) {
  for (const PixelFormatInfo& info : kFormats) {
    if (info.v4l2_fourcc == fourcc) return info.format;
  }
  return std::nullopt;
}

std::string_view PixelFormatName(PixelFormat format) { return InfoOf(format).name; }

size_t PlaneCount(PixelFormat format) { return InfoOf(format).planes; }

bool IsRgb(PixelFormat format) {
  return format == PixelFormat::kRgb24 || format == PixelFormat::kBgr24 || format == PixelFormat::kXrgb32 ||
         format == PixelFormat::kXbgr32;
}

size_t RowBytes(PixelFormat format, size_t plane, int width) {
  const PixelFormatInfo& info = InfoOf(format);
  const auto pixels = static_cast<size_t>(width);
  if (plane == 0) return (pixels + info.unit_pixels - 1) / info.unit_pixels * info.unit_bytes;
  return Halved(pixels, info.chroma_x_half) * (info.planes == 2 ? 2 : 1);
}

size_t RowCount(PixelFormat format, size_t plane, int height) {
  const auto rows = static_cast<size_t>(height);
  return plane == 0 ? rows : Halved(rows, InfoOf(format).chroma_y_half);
}

size_t StrideOfPlane(PixelFormat format, size_t plane, size_t stride) {
  if (plane == 0) return stride;
  const PixelFormatInfo& info = InfoOf(format);
  return Halved(stride, info.chroma_x_half) * (info.planes == 2 ? 2 : 1);
}

std::optional<size_t> PictureBytes(PixelFormat format, int width, int height) {
  size_t total = 0;
  for (size_t p = 0; p < PlaneCount(format); ++p) {
    const auto plane = CheckedMul<size_t>(RowBytes(format, p, width), RowCount(format, p, height));
    const auto sum = plane ? CheckedAdd<size_t>(total, *plane) : std::nullopt;
    if (!sum) return std::nullopt;
    total = *sum;
  }
  return total;
}

std::string ColourName(const Colour& colour) {
  return StrCat(colour.matrix == Matrix::kBt709 ? "bt709" : "bt601",
                colour.range == Range::kLimited ? " limited" : " full");
}

}  // namespace glimpse::media
