// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "kernels/pool2d/pool2d.h"

namespace glimpse::kernels {
namespace {

// Calls reduce(first element of the window, rows, columns) for every output element and stores what it returns,
// clamped.
template <typename Reduce>
void ForEachWindow(const Pool2DParams& p, const int8_t* input, int8_t* output, Reduce reduce) {
  const auto pixel = static_cast<size_t>(p.depth);
  const size_t row = pixel * static_cast<size_t>(p.width.input);
  const size_t image = row * static_cast<size_t>(p.height.input);
  for (int32_t n = 0; n < p.batches; ++n, input += image) {
    for (int32_t y = 0; y < p.height.output; ++y) {
      const WindowRange rows = RangeAt(p.height, y);
      for (int32_t x = 0; x < p.width.output; ++x) {
        const WindowRange columns = RangeAt(p.width, x);
        const int8_t* window = input + static_cast<size_t>(rows.origin + rows.begin) * row +
                               static_cast<size_t>(columns.origin + columns.begin) * pixel;
        for (int32_t c = 0; c < p.depth; ++c) {
          const int64_t value = reduce(window + c, row, pixel, rows.end - rows.begin, columns.end - columns.begin);
          *output++ = static_cast<int8_t>(std::clamp<int64_t>(value, p.output_min, p.output_max));
        }
      }
    }
  }
}

}  // namespace

void MaxPool2DS8Ref(const Pool2DParams& params, const int8_t* input, int8_t* output) {
  ForEachWindow(params, input, output,
                [](const int8_t* window, size_t row, size_t pixel, int32_t rows, int32_t columns) -> int64_t {
                  int8_t max = -128;
                  for (int32_t y = 0; y < rows; ++y, window += row) {
                    for (int32_t x = 0; x < columns; ++x) max = std::max(max, window[static_cast<size_t>(x) * pixel]);
                  }
                  return max;
                });
}

void AveragePool2DS8Ref(const Pool2DParams& params, const int8_t* input, int8_t* output) {
  ForEachWindow(params, input, output,
                [](const int8_t* window, size_t row, size_t pixel, int32_t rows, int32_t columns) -> int64_t {
                  int64_t sum = 0;
                  for (int32_t y = 0; y < rows; ++y, window += row) {
                    for (int32_t x = 0; x < columns; ++x) sum += window[static_cast<size_t>(x) * pixel];
                  }
                  const int64_t count = int64_t{rows} * columns;
                  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
                });
}

}  // namespace glimpse::kernels
