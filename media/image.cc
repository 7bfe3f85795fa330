// SPDX-License-Identifier: Apache-2.0
#include "media/image.h"

#include <algorithm>

namespace glimpse::media {
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
