// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "kernels/detection/detection.h"

namespace glimpse::kernels {
namespace {

// Centre and half length along one axis.
struct Extent {
  float centre;
  float half;
};

Extent Decode(float position, float length, float position_scale, float length_scale, float anchor,
              float anchor_length) {
  const auto size = static_cast<double>(anchor_length);
  const double centre =
      static_cast<double>(position) / static_cast<double>(position_scale) * size + static_cast<double>(anchor);
  const double half = 0.5 * std::exp(static_cast<double>(length) / static_cast<double>(length_scale)) * size;
  return {static_cast<float>(centre), static_cast<float>(half)};
}

float Overlap(const DetectionBox& a, const DetectionBox& b) {
  const float area_a = (a.ymax - a.ymin) * (a.xmax - a.xmin);
  const float area_b = (b.ymax - b.ymin) * (b.xmax - b.xmin);
  if (area_a <= 0 || area_b <= 0) return 0;
  const float height = std::max(std::min(a.ymax, b.ymax) - std::max(a.ymin, b.ymin), 0.0F);
  const float width = std::max(std::min(a.xmax, b.xmax) - std::max(a.xmin, b.xmin), 0.0F);
  const float both = height * width;
  return both / (area_a + area_b - both);
}

// Positions of `values`, the highest `count` first. Heap operations alone: they stay within their range for NaN too.
template <typename Before>
void SortFirst(int32_t* order, int32_t count, int32_t length, Before before) {
  std::partial_sort(order, order + count, order + length, before);
}

// One pass over `scores`, one for each box.
int32_t Suppress(const DetectionParams& p, const float* scores, int32_t limit, const DetectionScratch& s) {
  int32_t kept = 0;
  for (int32_t i = 0; i < p.boxes; ++i) {
    if (scores[i] >= p.score_threshold) s.order[kept++] = i;
  }
  SortFirst(s.order, kept, kept,
            [scores](int32_t a, int32_t b) { return scores[a] > scores[b] || (!(scores[b] > scores[a]) && a < b); });
  std::fill(s.dropped, s.dropped + kept, uint8_t{0});
  int32_t found = 0;
  for (int32_t i = 0; i < kept && found < limit; ++i) {
    if (s.dropped[i] != 0) continue;
    s.selected[found++] = s.order[i];
    for (int32_t j = i + 1; j < kept; ++j) {
      if (s.dropped[j] == 0 && Overlap(s.decoded[s.order[i]], s.decoded[s.order[j]]) > p.overlap_threshold) {
        s.dropped[j] = 1;
      }
    }
  }
  return found;
}

// The `count` best classes of a box to the front of `order`.
void BestClasses(const DetectionParams& p, const float* scores, int32_t count, int32_t* order) {
  if (count == 1) {
    order[0] = 0;
    for (int32_t c = 1; c < p.classes; ++c) {
      if (scores[c] > scores[order[0]]) order[0] = c;
    }
    return;
  }
  // Of equal scores the order is that of the heap, as in the runtime.
  std::iota(order, order + p.classes, 0);
  SortFirst(order, count, p.classes, [scores](int32_t a, int32_t b) { return scores[a] > scores[b]; });
}

// Behind `have` elements in the order of their scores come `more`, in theirs: merges, of equal scores the former first.
void Merge(ScoredBox* best, int32_t have, int32_t more, ScoredBox* merged) {
  std::merge(best, best + have, best + have, best + have + more, merged,
             [](const ScoredBox& a, const ScoredBox& b) { return a.score > b.score; });
  std::copy(merged, merged + have + more, best);
}

void Clear(const Detections& out, int64_t count) {
  std::fill(out.boxes, out.boxes + count, DetectionBox{});
  std::fill(out.classes, out.classes + count, 0.0F);
  std::fill(out.scores, out.scores + count, 0.0F);
}

}  // namespace

bool DecodeBoxesRef(const DetectionParams& p, const float* encodings, const float* anchors, DetectionBox* boxes) {
  bool valid = true;
  for (int32_t i = 0; i < p.boxes; ++i, encodings += p.encoding_length, anchors += 4) {
    const Extent y = Decode(encodings[0], encodings[2], p.y_scale, p.h_scale, anchors[0], anchors[2]);
    const Extent x = Decode(encodings[1], encodings[3], p.x_scale, p.w_scale, anchors[1], anchors[3]);
    boxes[i] = {y.centre - y.half, x.centre - x.half, y.centre + y.half, x.centre + x.half};
    valid = valid && !(boxes[i].ymin > boxes[i].ymax || boxes[i].xmin > boxes[i].xmax);
  }
  return valid;
}

void DetectFastRef(const DetectionParams& p, const float* scores, const DetectionScratch& s, const Detections& out) {
  const int32_t background = p.scores_per_box - p.classes;
  const int32_t count = std::min(p.classes_per_box, p.classes);
  const auto scores_of = [&](int32_t box) { return scores + int64_t{box} * p.scores_per_box + background; };
  Clear(out, int64_t{p.max_detections} * p.classes_per_box);
  for (int32_t box = 0; box < p.boxes; ++box) {
    BestClasses(p, scores_of(box), count, s.class_order);
    s.class_scores[box] = scores_of(box)[s.class_order[0]];
  }
  const int32_t found = Suppress(p, s.class_scores, p.max_detections, s);
  for (int32_t i = 0; i < found; ++i) {
    const int32_t box = s.selected[i];
    BestClasses(p, scores_of(box), count, s.class_order);
    for (int32_t c = 0; c < count; ++c) {
      const int64_t at = int64_t{p.classes_per_box} * i + c;
      out.boxes[at] = s.decoded[box];
      out.classes[at] = static_cast<float>(s.class_order[c]);
      out.scores[at] = scores_of(box)[s.class_order[c]];
    }
  }
  *out.count = static_cast<float>(found);
}

void DetectRegularRef(const DetectionParams& p, const float* scores, const DetectionScratch& s, const Detections& out) {
  const int32_t background = p.scores_per_box - p.classes;
  const int32_t limit = std::min(p.detections_per_class, p.max_detections);
  int32_t have = 0;
  for (int32_t c = 0; c < p.classes; ++c) {
    for (int32_t box = 0; box < p.boxes; ++box) {
      s.class_scores[box] = scores[int64_t{box} * p.scores_per_box + background + c];
    }
    const int32_t found = Suppress(p, s.class_scores, limit, s);
    for (int32_t i = 0; i < found; ++i) {
      const int32_t box = s.selected[i];
      s.best[have + i] = {int64_t{box} * p.scores_per_box + background + c, s.class_scores[box]};
    }
    Merge(s.best, have, found, s.merged);
    have = std::min(have + found, p.max_detections);
  }
  Clear(out, int64_t{p.max_detections} * p.classes_per_box);
  for (int32_t i = 0; i < have; ++i) {
    out.boxes[i] = s.decoded[s.best[i].index / p.scores_per_box];
    out.classes[i] = static_cast<float>(s.best[i].index % p.scores_per_box - background);
    out.scores[i] = s.best[i].score;
  }
  *out.count = static_cast<float>(have);
}

}  // namespace glimpse::kernels
