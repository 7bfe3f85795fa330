// SPDX-License-Identifier: Apache-2.0
// Image: the working picture inside the preprocessor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "media/frame.h"

namespace glimpse::media {

// A rectangle of pixels; width and height > 0 unless said otherwise.
struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
};

// A dense 8-bit picture of 1 (luma) or 3 (R, G, B) channels.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 1;
  std::vector<uint8_t> pixels;

  void Reshape(int new_width, int new_height, int new_channels) {
    width = new_width;
    height = new_height;
    channels = new_channels;
    pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels));
  }
  size_t Stride() const { return static_cast<size_t>(width) * static_cast<size_t>(channels); }
  uint8_t* Row(int y) { return pixels.data() + static_cast<size_t>(y) * Stride(); }
  const uint8_t* Row(int y) const { return pixels.data() + static_cast<size_t>(y) * Stride(); }
};

// BT.601 luma, full range, as Preprocessor documents it. Equal channels give that very value.
constexpr uint8_t Luma(unsigned r, unsigned g, unsigned b) {
  return static_cast<uint8_t>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

// R, G, B to luma, and luma to three equal channels. `in` and `out` are different objects.
void RgbToGrey(const Image& in, Image& out);
void GreyToRgb(const Image& in, Image& out);

// An Image as a frame of its own (the pixels are copied).
Frame ToFrame(const Image& image);

}  // namespace glimpse::media
