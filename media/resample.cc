// SPDX-License-Identifier: Apache-2.0
#include "media/resample.h"

#include <algorithm>
#include <cstddef>

namespace glimpse::media {

void Resampler::Axis::Make(int new_from, int new_to) {
  if (from == new_from && to == new_to) return;
  from = new_from;
  to = new_to;
  spans.clear();
  weights.clear();
  const auto n = static_cast<uint64_t>(from);
  const auto m = static_cast<uint64_t>(to);
  const auto add = [&](uint64_t first, uint64_t count) {
    spans.push_back(
        {static_cast<uint32_t>(first), static_cast<uint32_t>(weights.size()), static_cast<uint32_t>(count)});
  };
  if (m <= n) {
    total = n;
    for (uint64_t i = 0; i < m; ++i) {  // in 1/m pixels: output i covers [i n, (i+1) n), pixel p [p m, (p+1) m)
      const uint64_t begin = i * n;
      const uint64_t end = begin + n;
      const uint64_t first = begin / m;
      const uint64_t last = (end - 1) / m;
      add(first, last - first + 1);
      for (uint64_t p = first; p <= last; ++p) {
        weights.push_back(static_cast<uint32_t>(std::min(end, (p + 1) * m) - std::max(begin, p * m)));
      }
    }
    return;
  }
  total = 2 * m;
  for (uint64_t i = 0; i < m; ++i) {  // in 1/(2m) pixels: the centre of output i minus that of pixel 0
    const int64_t centre = static_cast<int64_t>((2 * i + 1) * n) - static_cast<int64_t>(m);
    const auto at = static_cast<uint64_t>(std::clamp<int64_t>(centre, 0, static_cast<int64_t>((n - 1) * total)));
    const uint64_t right = at % total;
    add(at / total, right == 0 ? 1 : 2);
    weights.push_back(static_cast<uint32_t>(total - right));
    if (right != 0) weights.push_back(static_cast<uint32_t>(right));
  }
}

const std::vector<uint64_t>& Resampler::SourceRow(const Image& in, const Rect& rect, int y) {
  for (const CachedRow& row : rows_) {
    if (row.y == y) return row.sums;
  }
  CachedRow& row = rows_[0].y < rows_[1].y ? rows_[0] : rows_[1];  // rows are asked for in rising order
  row.y = y;
  const auto channels = static_cast<size_t>(in.channels);
  row.sums.resize(static_cast<size_t>(x_.to) * channels);
  const uint8_t* const source = in.Row(rect.y + y) + static_cast<size_t>(rect.x) * channels;
  uint64_t* to = row.sums.data();
  for (const Axis::Span& span : x_.spans) {
    const uint32_t* weight = x_.weights.data() + span.weight;
    for (size_t c = 0; c < channels; ++c) {
      const uint8_t* pixel = source + span.first * channels + c;
      uint64_t sum = 0;
      for (uint32_t k = 0; k < span.count; ++k, pixel += channels) sum += uint64_t{*pixel} * weight[k];
      *to++ = sum;
    }
  }
  return row.sums;
}

void Resampler::Run(const Image& in, const Rect& rect, int width, int height, Image& out) {
  x_.Make(rect.width, width);
  y_.Make(rect.height, height);
  rows_[0].y = rows_[1].y = -1;
  out.Reshape(width, height, in.channels);
  sums_.resize(out.Stride());
  const uint64_t divisor = x_.total * y_.total;
  for (int y = 0; y < height; ++y) {
    const Axis::Span& span = y_.spans[static_cast<size_t>(y)];
    std::fill(sums_.begin(), sums_.end(), 0);
    for (uint32_t k = 0; k < span.count; ++k) {
      const std::vector<uint64_t>& row = SourceRow(in, rect, static_cast<int>(span.first + k));
      const uint64_t weight = y_.weights[span.weight + k];
      for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += row[i] * weight;
    }
    uint8_t* to = out.Row(y);
    for (size_t i = 0; i < sums_.size(); ++i) to[i] = static_cast<uint8_t>((sums_[i] + divisor / 2) / divisor);
  }
}

}  // namespace glimpse::media
