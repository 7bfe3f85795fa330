// SPDX-License-Identifier: Apache-2.0
#include "media/image.h"

#include <algorithm>
#include <array>

namespace glimpse::media {
namespace {

// Where R, G and B lie within a pixel of `bytes`.
struct RgbLayout {
  size_t r, g, b, bytes;
};

RgbLayout LayoutOf(PixelFormat format) {
  switch (format) {
    case PixelFormat::kBgr24:
      return {2, 1, 0, 3};
    case PixelFormat::kXrgb32:
      return {2, 1, 0, 4};
    case PixelFormat::kXbgr32:
      return {0, 1, 2, 4};
    default:
      return {0, 1, 2, 3};
  }
}

bool IsRgb(PixelFormat format) {
  return format == PixelFormat::kRgb24 || format == PixelFormat::kBgr24 || format == PixelFormat::kXrgb32 ||
         format == PixelFormat::kXbgr32;
}

// Y, U and V of one pixel; a grey picture's chroma is neutral.
std::array<int, 3> YuvAt(const Frame& frame, int x, int y) {
  const auto column = static_cast<size_t>(x);
  const size_t pair = column / 2;
  switch (frame.format) {
    case PixelFormat::kYuyv: {
      const uint8_t* p = frame.Row(0, y) + 4 * pair;
      return {p[2 * (column & 1)], p[1], p[3]};
    }
    case PixelFormat::kNv12: {
      const uint8_t* uv = frame.Row(1, y / 2) + 2 * pair;
      return {frame.Row(0, y)[column], uv[0], uv[1]};
    }
    case PixelFormat::kYuv420:
      return {frame.Row(0, y)[column], frame.Row(1, y / 2)[pair], frame.Row(2, y / 2)[pair]};
    default:
      return {frame.Row(0, y)[column], 128, 128};
  }
}

uint8_t Clamp8(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

// BT.601, full range: R = Y + 1.402 V', G = Y - 0.344136 U' - 0.714136 V', B = Y + 1.772 U', in 1/65536.
void YuvToRgb(const std::array<int, 3>& yuv, uint8_t* rgb) {
  const int u = yuv[1] - 128;
  const int v = yuv[2] - 128;
  rgb[0] = Clamp8(yuv[0] + ((91881 * v + 32768) >> 16));
  rgb[1] = Clamp8(yuv[0] + ((-22554 * u - 46802 * v + 32768) >> 16));
  rgb[2] = Clamp8(yuv[0] + ((116130 * u + 32768) >> 16));
}

}  // namespace

void ToGrey(const Frame& frame, const Rect& rect, Image& out) {
  out.Reshape(rect.width, rect.height, 1);
  const bool rgb = IsRgb(frame.format);
  const RgbLayout at = LayoutOf(frame.format);
  const size_t y_step = frame.format == PixelFormat::kYuyv ? 2 : 1;
  for (int y = 0; y < rect.height; ++y) {
    const uint8_t* in = frame.Row(0, rect.y + y) + static_cast<size_t>(rect.x) * (rgb ? at.bytes : y_step);
    uint8_t* to = out.Row(y);
    for (int x = 0; x < rect.width; ++x) {
      to[x] = rgb ? Luma(in[at.r], in[at.g], in[at.b]) : in[0];
      in += rgb ? at.bytes : y_step;
    }
  }
}

void ToRgb(const Frame& frame, const Rect& rect, Image& out) {
  out.Reshape(rect.width, rect.height, 3);
  const RgbLayout at = LayoutOf(frame.format);
  for (int y = 0; y < rect.height; ++y) {
    uint8_t* to = out.Row(y);
    for (int x = 0; x < rect.width; ++x, to += 3) {
      if (IsRgb(frame.format)) {
        const uint8_t* in = frame.Row(0, rect.y + y) + static_cast<size_t>(rect.x + x) * at.bytes;
        to[0] = in[at.r];
        to[1] = in[at.g];
        to[2] = in[at.b];
      } else {
        YuvToRgb(YuvAt(frame, rect.x + x, rect.y + y), to);
      }
    }
  }
}

void RgbToGrey(const Image& in, Image& out) {
  out.Reshape(in.width, in.height, 1);
  const uint8_t* from = in.pixels.data();
  for (uint8_t& pixel : out.pixels) {
    pixel = Luma(from[0], from[1], from[2]);
    from += 3;
  }
}

void GreyToRgb(const Image& in, Image& out) {
  out.Reshape(in.width, in.height, 3);
  uint8_t* to = out.pixels.data();
  for (const uint8_t pixel : in.pixels) {
    to = std::fill_n(to, 3, pixel);
  }
}

Frame ToFrame(const Image& image) {
  return MakeFrame(image.channels == 3 ? PixelFormat::kRgb24 : PixelFormat::kGrey8, image.width, image.height,
                   image.pixels);
}

}  // namespace glimpse::media
