// SPDX-License-Identifier: Apache-2.0
#include "media/resample.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "media/divider.h"

namespace glimpse::media {

void Resampler::Axis::Add(uint64_t first, uint64_t count, uint64_t sum) {
  spans.push_back(
      {static_cast<uint32_t>(first), static_cast<uint32_t>(weights.size()), static_cast<uint32_t>(count), sum});
}

void Resampler::Axis::MakeArea() {
  const auto n = static_cast<uint64_t>(from);
  const auto m = static_cast<uint64_t>(to);
  total = n;
  for (uint64_t i = 0; i < m; ++i) {  // in 1/m pixels: output i covers [i n, (i+1) n), pixel p [p m, (p+1) m)
    const uint64_t begin = i * n;
    const uint64_t end = begin + n;
    const uint64_t first = begin / m;
    const uint64_t last = (end - 1) / m;
    Add(first, last - first + 1, n);
    for (uint64_t p = first; p <= last; ++p) {
      weights.push_back(static_cast<uint32_t>(std::min(end, (p + 1) * m) - std::max(begin, p * m)));
    }
  }
}

void Resampler::Axis::MakeTriangle() {
  const auto n = static_cast<int64_t>(from);
  const auto m = static_cast<int64_t>(to);
  for (int64_t i = 0; i < m; ++i) {  // pixel p weighs 2 n - |(2 p + 1) m - (2 i + 1) n|
    const int64_t centre = (2 * i + 1) * n;
    const int64_t first = std::max<int64_t>(0, (centre - 2 * n) / (2 * m));
    Add(static_cast<uint64_t>(first), 0, 0);
    Span& span = spans.back();
    for (int64_t p = first; p < n; ++p) {
      const int64_t weight = 2 * n - std::abs((2 * p + 1) * m - centre);
      if (weight <= 0 && (2 * p + 1) * m > centre) break;
      // One before the triangle begins: it is part of the span, and counts for nothing.
      weights.push_back(static_cast<uint32_t>(std::max<int64_t>(0, weight)));
      span.total += weights.back();
      ++span.count;
    }
    total = std::max(total, span.total);
    even = even && span.total == spans.front().total;
  }
}

void Resampler::Axis::MakeLinear() {
  const auto n = static_cast<uint64_t>(from);
  const auto m = static_cast<uint64_t>(to);
  total = 2 * m;
  for (uint64_t i = 0; i < m; ++i) {  // in 1/(2m) pixels: the centre of output i minus that of pixel 0
    const int64_t centre = static_cast<int64_t>((2 * i + 1) * n) - static_cast<int64_t>(m);
    const auto at = static_cast<uint64_t>(std::clamp<int64_t>(centre, 0, static_cast<int64_t>((n - 1) * total)));
    const uint64_t right = at % total;
    Add(at / total, right == 0 ? 1 : 2, total);
    weights.push_back(static_cast<uint32_t>(total - right));
    if (right != 0) weights.push_back(static_cast<uint32_t>(right));
  }
}

void Resampler::Axis::Make(int new_from, int new_to, Filter new_filter) {
  if (from == new_from && to == new_to && filter == new_filter) return;
  from = new_from;
  to = new_to;
  filter = new_filter;
  total = 0;
  even = true;
  spans.clear();
  weights.clear();
  if (to > from) return MakeLinear();
  filter == Filter::kArea ? MakeArea() : MakeTriangle();
}

namespace {

// sums[i] += pixels[i], of all i. In a function of its own, since the compiler makes vectors of it.
void AddRow(const uint8_t* pixels, size_t count, uint16_t* __restrict sums) {
  for (size_t i = 0; i < count; ++i) sums[i] = static_cast<uint16_t>(sums[i] + pixels[i]);
}

template <typename Pixel, typename Sum>
void AddWeighted(const Pixel* pixels, size_t count, Sum weight, Sum* __restrict sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += pixels[i] * weight;
}

// Rows whose pixels fit in 16 bits when they are added up.
constexpr uint32_t kMostPlainRows = UINT16_MAX / 255;

}  // namespace

// All source rows that lie wholly in an output row count alike: they are added up first, which is most of the work, and
// then weighted once for every few of them.
template <typename Sum>
void Resampler::SumRows(const Image& in, const Rect& rect, const Axis::Span& span, std::vector<Sum>& sums) {
  const size_t count = static_cast<size_t>(rect.width) * static_cast<size_t>(in.channels);
  const uint32_t* const weights = y_.weights.data() + span.weight;
  const auto whole = static_cast<Sum>(y_.to);
  sums.assign(count, 0);
  uint32_t plain = 0;  // rows in plain_sums_
  const auto weigh_plain = [&] {
    if (plain > 0) AddWeighted(plain_sums_.data(), count, whole, sums.data());
    plain = 0;
  };
  for (uint32_t k = 0; k < span.count; ++k) {
    const uint8_t* const row = in.Row(rect.y + static_cast<int>(span.first + k)) +
                               static_cast<size_t>(rect.x) * static_cast<size_t>(in.channels);
    if (span.count <= 2 || weights[k] != whole) {
      AddWeighted(row, count, static_cast<Sum>(weights[k]), sums.data());
      continue;
    }
    if (plain == 0) plain_sums_.assign(count, 0);
    AddRow(row, count, plain_sums_.data());
    if (++plain == kMostPlainRows) weigh_plain();
  }
  weigh_plain();
}

template <typename Sum>
void Resampler::RunAs(const Image& in, const Rect& rect, Image& out, std::vector<Sum>& sums) {
  const auto channels = static_cast<size_t>(in.channels);
  // Mostly the same for all pixels.
  const bool even = x_.even && y_.even;
  uint64_t divisor = x_.total * y_.total;
  Divider divide(divisor);
  for (int y = 0; y < out.height; ++y) {
    const Axis::Span& rows = y_.spans[static_cast<size_t>(y)];
    SumRows(in, rect, rows, sums);
    uint8_t* to = out.Row(y);
    for (const Axis::Span& span : x_.spans) {
      const uint32_t* weight = x_.weights.data() + span.weight;
      if (!even) {
        divisor = span.total * rows.total;
        divide = Divider(divisor);
      }
      for (size_t c = 0; c < channels; ++c) {
        const Sum* column = sums.data() + span.first * channels + c;
        Sum sum = 0;
        for (uint32_t k = 0; k < span.count; ++k, column += channels) sum += *column * static_cast<Sum>(weight[k]);
        *to++ = static_cast<uint8_t>(divide(sum + divisor / 2));
      }
    }
  }
}

void Resampler::Run(const Image& in, const Rect& rect, int width, int height, Image& out, Filter filter) {
  x_.Make(rect.width, width, filter);
  y_.Make(rect.height, height, filter);
  out.Reshape(width, height, in.channels);
  if (x_.total * y_.total <= UINT32_MAX / 255) {
    RunAs(in, rect, out, sums32_);
  } else {
    RunAs(in, rect, out, sums64_);
  }
}

}  // namespace glimpse::media
