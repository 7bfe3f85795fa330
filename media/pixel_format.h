// SPDX-License-Identifier: Apache-2.0
// Pixel formats: how the pixels of a frame lie in memory, and what their numbers mean as colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace glimpse::media {

// How the pixels lie in memory. Names of bytes are in order of rising address.
enum class PixelFormat {
  kGrey8,   // 1 plane: one byte of luma, 0 black, 255 white
  kRgb24,   // 1 plane: R, G, B
  kBgr24,   // 1 plane: B, G, R
  kXrgb32,  // 1 plane: B, G, R, unused (a little-endian 0xXXRRGGBB word)
  kXbgr32,  // 1 plane: R, G, B, unused
  kYuyv,    // 1 plane: Y0, U, Y1, V for each two pixels of a row
  kUyvy,    // 1 plane: U, Y0, V, Y1 for each two pixels of a row
  kNv12,    // 2 planes: Y; U, V interleaved at half width and height
  kYuv420,  // 3 planes: Y; U; V, the latter two at half width and height
  kYuv422,  // 3 planes: Y; U; V, the latter two at half width
  kYuv444,  // 3 planes: Y; U; V
};

// What is the same for all pictures of a format.
struct PixelFormatInfo {
  PixelFormat format;
  std::string_view name;   // as the configuration, `status` and messages write it
  uint32_t v4l2_fourcc;    // V4L2_PIX_FMT_*
  size_t planes;           // 1, 2 or 3
  size_t unit_bytes;       // of plane 0: bytes that stay together when a row is mirrored
  size_t unit_pixels;      // and the pixels in them
  unsigned chroma_x_half;  // 1: chroma has half as many columns
  unsigned chroma_y_half;  // 1: chroma has half as many rows
};

constexpr uint32_t FourCc(char a, char b, char c, char d) {
  return static_cast<uint32_t>(static_cast<unsigned char>(a)) |
         static_cast<uint32_t>(static_cast<unsigned char>(b)) << 8 |
         static_cast<uint32_t>(static_cast<unsigned char>(c)) << 16 |
         static_cast<uint32_t>(static_cast<unsigned char>(d)) << 24;
}

// All of them, those first that cost the least to make grey. Reentrant, as all functions here.
std::span<const PixelFormatInfo> PixelFormats();
const PixelFormatInfo& InfoOf(PixelFormat format);
std::optional<PixelFormat> PixelFormatFromName(std::string_view name);
std::optional<PixelFormat> PixelFormatFromV4l2(uint32_t fourcc);

// One of grey8, rgb24, bgr24, xrgb32, xbgr32, yuyv, uyvy, nv12, yuv420, yuv422, yuv444.
std::string_view PixelFormatName(PixelFormat format);

// How many planes a picture of `format` has: 1, 2 or 3.
size_t PlaneCount(PixelFormat format);

// Whether the pixels are R, G and B in some order, or else luma with or without chroma.
bool IsRgb(PixelFormat format);

// Bytes of picture in one row of plane `plane` of a picture `width` pixels wide, and the number of such rows.
// Odd widths and heights round the half-size planes up. REQUIRES: plane < PlaneCount(format).
size_t RowBytes(PixelFormat format, size_t plane, int width);
size_t RowCount(PixelFormat format, size_t plane, int height);

// Bytes between the rows of plane `plane` of a buffer whose plane 0 has rows `stride` bytes apart, as V4L2 and
// libcamera lay planes one after another.
size_t StrideOfPlane(PixelFormat format, size_t plane, size_t stride);

// Bytes of a whole picture without padding. Nothing when that does not fit in size_t. REQUIRES: both at least 0.
std::optional<size_t> PictureBytes(PixelFormat format, int width, int height);

// Which colours a weighted sum of R, G and B makes luma of.
enum class Matrix {
  kBt601,  // 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601): JPEG, most webcams
  kBt709,  // 0.2126 R + 0.7152 G + 0.0722 B (ITU-R BT.709): HD video
};

// Which numbers mean black and white.
enum class Range {
  kFull,     // 0 to 255, chroma 128 +- 127.5
  kLimited,  // luma 16 to 235, chroma 16 to 240 (ITU-R BT.601, BT.709)
};

// What the numbers of luma and chroma mean. Says nothing about RGB formats, which are always full range.
struct Colour {
  Matrix matrix = Matrix::kBt601;
  Range range = Range::kFull;

  bool operator==(const Colour&) const = default;
};

// "bt601 full", for people and `status`.
std::string ColourName(const Colour& colour);

}  // namespace glimpse::media
