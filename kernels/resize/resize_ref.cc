// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "kernels/resize/resize.h"

namespace glimpse::kernels {
namespace {

// Steps of the input for one of the output, in float.
float FloatScale(const ResizeParams& p, const ResizeAxis& axis) {
  const int corner = p.align_corners && axis.output > 1 ? 1 : 0;
  return static_cast<float>(axis.input - corner) / static_cast<float>(axis.output - corner);
}

// The two neighbours of a position and how far it lies behind the first.
template <typename Fraction>
struct Neighbours {
  int32_t first;
  int32_t second;
  Fraction fraction;
};

Neighbours<float> FloatNeighbours(const ResizeParams& p, const ResizeAxis& axis, int32_t o) {
  const float scale = FloatScale(p, axis);
  const auto position = static_cast<float>(o);
  const float at = p.half_pixel_centers ? (position + 0.5F) * scale - 0.5F : position * scale;
  const int32_t first = std::clamp(static_cast<int32_t>(std::floor(at)), 0, axis.input - 1);
  const int32_t second = std::min(static_cast<int32_t>(std::ceil(at)), axis.input - 1);
  return {first, second, at - static_cast<float>(first)};
}

constexpr int32_t kOnePixel = 1 << 10;

int32_t IntegerPosition(const ResizeParams& p, const ResizeAxis& axis, int32_t o) {
  const int corner = p.align_corners && axis.output > 1 ? 1 : 0;
  const int32_t steps = axis.output - corner;
  const int32_t scale = (kOnePixel * (axis.input - corner) + steps / 2) / steps;
  const int32_t position = o * scale;
  return p.half_pixel_centers ? position + scale / 2 - kOnePixel / 2 : position;
}

Neighbours<int32_t> IntegerNeighbours(const ResizeParams& p, const ResizeAxis& axis, int32_t o) {
  const int32_t at = IntegerPosition(p, axis, o);
  const int32_t first = std::clamp(at / kOnePixel, 0, axis.input - 1);
  return {first, std::min((at + kOnePixel - 1) / kOnePixel, axis.input - 1), at - kOnePixel * first};
}

Neighbours<int32_t> XnnpackNeighbours(const ResizeParams& p, const ResizeAxis& axis, int32_t o) {
  const float scale = FloatScale(p, axis);
  float at = static_cast<float>(o) * scale;
  if (p.half_pixel_centers) at += 0.5F * scale - 0.5F;
  at = std::min(std::max(at, 0.0F), static_cast<float>(axis.input - 1));
  const auto first = static_cast<int32_t>(at);
  const float fraction = at - static_cast<float>(first);
  return {first, std::min(first + 1, axis.input - 1), static_cast<int32_t>(std::rint(fraction * 2048.0F))};
}

// out = mix(in[y0,x0], in[y1,x0], in[y0,x1], in[y1,x1], y's fraction, x's fraction) for every element.
template <typename T, typename Find, typename Mix>
void Bilinear(const ResizeParams& p, const T* input, T* output, Find find, Mix mix) {
  const auto depth = static_cast<size_t>(p.depth);
  const size_t row = depth * static_cast<size_t>(p.width.input);
  const size_t image = row * static_cast<size_t>(p.height.input);
  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t oy = 0; oy < p.height.output; ++oy) {
      const auto y = find(p, p.height, oy);
      const T* const upper = input + static_cast<size_t>(y.first) * row;
      const T* const lower = input + static_cast<size_t>(y.second) * row;
      for (int32_t ox = 0; ox < p.width.output; ++ox) {
        const auto x = find(p, p.width, ox);
        const size_t left = static_cast<size_t>(x.first) * depth;
        const size_t right = static_cast<size_t>(x.second) * depth;
        for (size_t c = 0; c < depth; ++c) {
          *output++ = mix(upper[left + c], lower[left + c], upper[right + c], lower[right + c], y.fraction, x.fraction);
        }
      }
    }
  }
}

}  // namespace

int32_t NearestPosition(const ResizeParams& p, const ResizeAxis& axis, int32_t o) {
  const float at = (static_cast<float>(o) + (p.half_pixel_centers ? 0.5F : 0.0F)) * FloatScale(p, axis);
  const float whole = p.align_corners ? std::round(at) : std::floor(at);
  return std::clamp(static_cast<int32_t>(whole), 0, axis.input - 1);
}

int32_t NearestPositionFixed(const ResizeAxis& axis, int32_t o) {
  const int64_t scale = (int64_t{axis.input} << 16) / axis.output + 1;
  return static_cast<int32_t>(std::min<int64_t>((o * scale) >> 16, axis.input - 1));
}

void ResizeNearestRef(const ResizeParams& p, size_t pixel_bytes, bool fixed_point, const void* input, void* output) {
  const auto find = [&](const ResizeAxis& axis, int32_t o) {
    return static_cast<size_t>(fixed_point ? NearestPositionFixed(axis, o) : NearestPosition(p, axis, o));
  };
  const auto* in = static_cast<const char*>(input);
  auto* out = static_cast<char*>(output);
  const size_t row = pixel_bytes * static_cast<size_t>(p.width.input);
  for (int32_t n = 0; n < p.batches; ++n, in += row * static_cast<size_t>(p.height.input)) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const char* const line = in + find(p.height, y) * row;
      for (int32_t x = 0; x < p.width.output; ++x, out += pixel_bytes) {
        std::memcpy(out, line + find(p.width, x) * pixel_bytes, pixel_bytes);
      }
    }
  }
}

template <typename T>
void ResizeBilinearRef(const ResizeParams& p, const T* input, T* output) {
  Bilinear(p, input, output, FloatNeighbours, [](T tl, T bl, T tr, T br, float y, float x) {
    const float sum = static_cast<float>(tl) * (1 - y) * (1 - x) + static_cast<float>(bl) * y * (1 - x) +
                      static_cast<float>(tr) * (1 - y) * x + static_cast<float>(br) * y * x;
    if constexpr (std::is_same_v<T, float>) return sum;
    return static_cast<T>(sum + 0.5F);
  });
}

template <typename T>
void ResizeBilinearIntegerRef(const ResizeParams& p, const T* input, T* output) {
  Bilinear(p, input, output, IntegerNeighbours, [](T tl, T bl, T tr, T br, int32_t y, int32_t x) {
    const int64_t sum = int64_t{tl} * (kOnePixel - y) * (kOnePixel - x) + int64_t{bl} * y * (kOnePixel - x) +
                        int64_t{tr} * (kOnePixel - y) * x + int64_t{br} * y * x;
    const int64_t half = int64_t{1} << 19;
    return static_cast<T>((sum > 0 ? sum + half : sum - half) / (int64_t{1} << 20));
  });
}

bool FitsInteger(const ResizeParams& p) {
  const auto fits = [&](const ResizeAxis& axis) {
    return IntegerPosition(p, axis, axis.output - 1) / kOnePixel < axis.input;
  };
  return fits(p.height) && fits(p.width);
}

template <typename T>
void ResizeBilinearXnnpackRef(const ResizeParams& p, const T* input, T* output) {
  Bilinear(p, input, output, XnnpackNeighbours, [](T tl, T bl, T tr, T br, int32_t y, int32_t x) {
    const int32_t top = tl * 2048 + (tr - tl) * x;
    const int32_t bottom = bl * 2048 + (br - bl) * x;
    return static_cast<T>((top * 2048 + (bottom - top) * y + (1 << 21)) >> 22);
  });
}

template void ResizeBilinearRef(const ResizeParams&, const float*, float*);
template void ResizeBilinearRef(const ResizeParams&, const uint8_t*, uint8_t*);
template void ResizeBilinearIntegerRef(const ResizeParams&, const int8_t*, int8_t*);
template void ResizeBilinearIntegerRef(const ResizeParams&, const int16_t*, int16_t*);
template void ResizeBilinearXnnpackRef(const ResizeParams&, const int8_t*, int8_t*);
template void ResizeBilinearXnnpackRef(const ResizeParams&, const uint8_t*, uint8_t*);

}  // namespace glimpse::kernels
