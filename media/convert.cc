// SPDX-License-Identifier: Apache-2.0
#include "media/convert.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

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

// Rows of pixels, in functions of their own since the compiler makes vectors of such loops.
void TakeEverySecond(const uint8_t* in, size_t count, uint8_t* __restrict out) {
  for (size_t i = 0; i < count; ++i) out[i] = in[2 * i];
}

template <size_t kBytes>
void LumaOfRow(const uint8_t* in, const RgbLayout& at, size_t count, uint8_t* __restrict out) {
  const uint8_t* r = in + at.r;
  const uint8_t* g = in + at.g;
  const uint8_t* b = in + at.b;
  for (size_t i = 0; i < count; ++i) out[i] = Luma(r[kBytes * i], g[kBytes * i], b[kBytes * i]);
}

// (Y - 16) * 255 / 219, rounded half up, for every Y.
const std::array<uint8_t, 256>& LimitedLuma() {
  static const std::array<uint8_t, 256> table = [] {
    std::array<uint8_t, 256> made{};
    for (int y = 0; y < 256; ++y) {
      made[static_cast<size_t>(y)] = static_cast<uint8_t>((std::clamp(y - 16, 0, 219) * 2 * 255 + 219) / (2 * 219));
    }
    return made;
  }();
  return table;
}

// R = (y * (Y - y_zero) + r_v * v + half) >> 16 and so on, u and v counted from 128.
struct YuvFactors {
  int y_zero, y, r_v, g_u, g_v, b_u;
};

// In 1/65536 of the formulas in the header.
const YuvFactors& FactorsOf(const Colour& colour) {
  static constexpr YuvFactors kBt601Full = {0, 65536, 91881, -22553, -46802, 116130};
  static constexpr YuvFactors kBt601Limited = {16, 76309, 104597, -25675, -53279, 132201};
  static constexpr YuvFactors kBt709Full = {0, 65536, 103206, -12276, -30679, 121609};
  static constexpr YuvFactors kBt709Limited = {16, 76309, 117489, -13975, -34925, 138438};
  const bool limited = colour.range == Range::kLimited;
  if (colour.matrix == Matrix::kBt709) return limited ? kBt709Limited : kBt709Full;
  return limited ? kBt601Limited : kBt601Full;
}

uint8_t Clamp8(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

// Where the luma and chroma of a row's pixels lie: of pixel x at y[x * y_step], u[x >> half] by step.
struct YuvRow {
  const uint8_t* y;
  const uint8_t* u;
  const uint8_t* v;
  size_t y_step, uv_step;
  unsigned half;
};

YuvRow RowOf(const Frame& frame, int y) {
  const PixelFormatInfo& info = InfoOf(frame.format);
  const uint8_t* luma = frame.Row(0, y);
  if (frame.format == PixelFormat::kYuyv) return {luma, luma + 1, luma + 3, 2, 4, 1};
  if (frame.format == PixelFormat::kUyvy) return {luma + 1, luma, luma + 2, 2, 4, 1};
  static constexpr uint8_t kNeutral = 128;
  if (info.planes == 1) return {luma, &kNeutral, &kNeutral, 1, 0, 0};
  const int chroma_y = y >> info.chroma_y_half;
  if (info.planes == 2) {
    const uint8_t* chroma = frame.Row(1, chroma_y);
    return {luma, chroma, chroma + 1, 1, 2, info.chroma_x_half};
  }
  return {luma, frame.Row(1, chroma_y), frame.Row(2, chroma_y), 1, 1, info.chroma_x_half};
}

void YuvRowToRgb(const YuvRow& row, const YuvFactors& factors, int x, int count, uint8_t* to) {
  for (int i = 0; i < count; ++i, to += 3) {
    const auto column = static_cast<size_t>(x + i);
    const size_t pair = (column >> row.half) * row.uv_step;
    const int y = factors.y * (row.y[column * row.y_step] - factors.y_zero) + 32768;
    const int u = row.u[pair] - 128;
    const int v = row.v[pair] - 128;
    to[0] = Clamp8((y + factors.r_v * v) >> 16);
    to[1] = Clamp8((y + factors.g_u * u + factors.g_v * v) >> 16);
    to[2] = Clamp8((y + factors.b_u * u) >> 16);
  }
}

void LumaRow(const Frame& frame, const Rect& rect, int y, uint8_t* to) {
  const auto x = static_cast<size_t>(rect.x);
  const auto count = static_cast<size_t>(rect.width);
  const uint8_t* row = frame.Row(0, y);
  switch (frame.format) {
    case PixelFormat::kYuyv:
      return TakeEverySecond(row + 2 * x, count, to);
    case PixelFormat::kUyvy:
      return TakeEverySecond(row + 2 * x + 1, count, to);
    case PixelFormat::kRgb24:
    case PixelFormat::kBgr24:
      return LumaOfRow<3>(row + 3 * x, LayoutOf(frame.format), count, to);
    case PixelFormat::kXrgb32:
    case PixelFormat::kXbgr32:
      return LumaOfRow<4>(row + 4 * x, LayoutOf(frame.format), count, to);
    default:
      std::copy_n(row + x, count, to);
  }
}

}  // namespace

void ToGrey(const Frame& frame, const Rect& rect, Image& out) {
  out.Reshape(rect.width, rect.height, 1);
  for (int y = 0; y < rect.height; ++y) LumaRow(frame, rect, rect.y + y, out.Row(y));
  if (IsRgb(frame.format) || frame.colour.range == Range::kFull) return;
  const std::array<uint8_t, 256>& table = LimitedLuma();
  for (uint8_t& pixel : out.pixels) pixel = table[pixel];
}

void ToRgb(const Frame& frame, const Rect& rect, Image& out) {
  out.Reshape(rect.width, rect.height, 3);
  const RgbLayout at = LayoutOf(frame.format);
  const bool rgb = IsRgb(frame.format);
  const YuvFactors& factors = FactorsOf(frame.colour);
  for (int y = 0; y < rect.height; ++y) {
    uint8_t* to = out.Row(y);
    if (!rgb) {
      YuvRowToRgb(RowOf(frame, rect.y + y), factors, rect.x, rect.width, to);
      continue;
    }
    const uint8_t* in = frame.Row(0, rect.y + y) + static_cast<size_t>(rect.x) * at.bytes;
    for (int x = 0; x < rect.width; ++x, to += 3, in += at.bytes) {
      to[0] = in[at.r];
      to[1] = in[at.g];
      to[2] = in[at.b];
    }
  }
}

}  // namespace glimpse::media
