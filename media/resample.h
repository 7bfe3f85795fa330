// SPDX-License-Identifier: Apache-2.0
// Resampler: exact area averaging and linear interpolation in rational arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "media/image.h"

namespace glimpse::media {

// How an axis that shrinks is resampled; one that grows is always interpolated.
enum class Filter {
  kArea,      // means over exact areas
  kBilinear,  // a triangle two output pixels wide, as Pillow's BILINEAR and torchvision with antialiasing
};

// Changes the size of pictures. Each axis is done by itself, from n to m pixels:
//   m <= n  area: output i is the mean of the source over [i n/m, (i+1) n/m), a pixel partly inside counting by its
//           part. In units of 1/m pixel all weights are integers and sum to n.
//           bilinear: pixel p counts by 1 - |(p + 1/2) - (i + 1/2) n/m| m/n where that is positive and p within the
//           picture. In units of 1/(2n) all weights are integers; at the edges they sum to less than in the middle.
//   m > n   linear: output i lies at (i + 1/2) n/m - 1/2 between pixel centres, held within the first and last; in
//           units of 1/(2m) the two weights are integers and sum to 2m.
// The result is (sum of pixel * weight_x * weight_y + half of D) / D, D the product of both axes' sums: one rounding,
// half up, so the same size again is the identity, and a plain surface stays what it is.
//
// Keeps its tables and rows between calls. Not thread-safe.
class Resampler {
 public:
  // `rect` of `in` becomes `out`, width x height of the same channels. REQUIRES: rect within `in`, width and height
  // in 1..65536, `in` and `out` different objects. Cannot fail; sums stay below 2^63 for sides below 2^26.
  void Run(const Image& in, const Rect& rect, int width, int height, Image& out, Filter filter = Filter::kArea);

 private:
  // Weights of every output pixel of one axis, one after another.
  struct Axis {
    struct Span {
      uint32_t first = 0;   // source pixel
      uint32_t weight = 0;  // index of its weight; the others follow
      uint32_t count = 0;
      uint64_t total = 0;  // what its weights sum to
    };
    int from = 0, to = 0;
    Filter filter = Filter::kArea;
    uint64_t total = 0;  // the largest of the spans
    bool even = true;    // all have the same
    std::vector<Span> spans;
    std::vector<uint32_t> weights;
    void Make(int new_from, int new_to, Filter new_filter);
    void MakeArea();
    void MakeTriangle();
    void MakeLinear();
    // Of the next output pixel, whose weights are added after it.
    void Add(uint64_t first, uint64_t count, uint64_t sum);
  };

  // Sum: 32 bits where no sum of weighted pixels needs more, else 64.
  template <typename Sum>
  void RunAs(const Image& in, const Rect& rect, Image& out, std::vector<Sum>& sums);
  // Fills `sums`: the pixels of an output row's source rows, weighted and added up, column by column.
  template <typename Sum>
  void SumRows(const Image& in, const Rect& rect, const Axis::Span& span, std::vector<Sum>& sums);

  Axis x_, y_;
  std::vector<uint32_t> sums32_;
  std::vector<uint64_t> sums64_;
  std::vector<uint16_t> plain_sums_;
};

}  // namespace glimpse::media
