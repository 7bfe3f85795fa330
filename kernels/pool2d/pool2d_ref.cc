// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

#include "kernels/pool2d/pool2d.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

// std::min and std::max in this order, so that a NaN passes.
template <typename T, typename Value>
T Clamp(const Pool2DParams& p, Value value) {
  if constexpr (std::is_same_v<T, float>) {
    return std::min(std::max(value, p.float_min), p.float_max);
  } else {
    return static_cast<T>(std::min(std::max(value, p.output_min), p.output_max));
  }
}

// The part of a window that lies on the input, of one channel.
template <typename T>
struct Window {
  const T* first;
  size_t row;    // elements from one row of the input to the next
  size_t pixel;  // from one pixel to the next
  int32_t rows;
  int32_t columns;

  int64_t count() const { return int64_t{rows} * columns; }
  template <typename Body>
  void ForEach(Body body) const {
    const T* at = first;
    for (int32_t y = 0; y < rows; ++y, at += row) {
      for (int32_t x = 0; x < columns; ++x) body(at[static_cast<size_t>(x) * pixel]);
    }
  }
};

// Calls reduce(window) for every output element and stores what it returns, clamped.
template <typename T, typename Reduce>
void ForEachWindow(const Pool2DParams& p, const T* input, T* output, Reduce reduce) {
  const auto pixel = static_cast<size_t>(p.depth);
  const size_t row = pixel * static_cast<size_t>(p.width.input);
  const size_t image = row * static_cast<size_t>(p.height.input);
  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const WindowRange rows = RangeAt(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x) {
        const WindowRange columns = RangeAt(p.width, x);
        const T* first = input + static_cast<size_t>(rows.origin + rows.begin) * row +
                         static_cast<size_t>(columns.origin + columns.begin) * pixel;
        for (int32_t c = 0; c < p.depth; ++c) {
          *output++ =
              Clamp<T>(p, reduce(Window<T>{first + c, row, pixel, rows.end - rows.begin, columns.end - columns.begin}));
        }
      }
    }
  }
}

// sum / count to the nearest, ties away from zero.
int32_t RoundedMean(int32_t sum, int64_t count) {
  const int64_t half = count / 2;
  return static_cast<int32_t>((sum > 0 ? sum + half : sum - half) / count);
}

}  // namespace

template <typename T>
void MaxPool2DRef(const Pool2DParams& p, const T* input, T* output) {
  ForEachWindow(p, input, output, [](const Window<T>& window) {
    T max = std::numeric_limits<T>::lowest();
    window.ForEach([&max](T x) { max = std::max(max, x); });
    if constexpr (std::is_same_v<T, float>) {
      return max;
    } else {
      return int32_t{max};
    }
  });
}

template <typename T>
void AveragePool2DRef(const Pool2DParams& p, const T* input, T* output) {
  ForEachWindow(p, input, output, [](const Window<T>& window) {
    if constexpr (std::is_same_v<T, float>) {
      float sum = 0;
      window.ForEach([&sum](float x) { sum += x; });
      return sum / static_cast<float>(window.count());
    } else {
      int32_t sum = 0;
      window.ForEach([&sum](T x) { sum = WrappingAdd(sum, x); });
      return RoundedMean(sum, window.count());
    }
  });
}

void L2Pool2DF32Ref(const Pool2DParams& p, const float* input, float* output) {
  ForEachWindow(p, input, output, [](const Window<float>& window) {
    float sum = 0;
    window.ForEach([&sum](float x) { sum += x * x; });
    return std::sqrt(sum / static_cast<float>(window.count()));
  });
}

template void MaxPool2DRef(const Pool2DParams&, const int8_t*, int8_t*);
template void MaxPool2DRef(const Pool2DParams&, const uint8_t*, uint8_t*);
template void MaxPool2DRef(const Pool2DParams&, const int16_t*, int16_t*);
template void MaxPool2DRef(const Pool2DParams&, const float*, float*);
template void AveragePool2DRef(const Pool2DParams&, const int8_t*, int8_t*);
template void AveragePool2DRef(const Pool2DParams&, const uint8_t*, uint8_t*);
template void AveragePool2DRef(const Pool2DParams&, const int16_t*, int16_t*);
template void AveragePool2DRef(const Pool2DParams&, const float*, float*);

}  // namespace glimpse::kernels
