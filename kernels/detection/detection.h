// SPDX-License-Identifier: Apache-2.0
// The end of a single-shot detector: boxes from encodings and anchors, then non-maximum suppression.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// Corners of a box, in the order of the output.
struct DetectionBox {
  float ymin = 0;
  float xmin = 0;
  float ymax = 0;
  float xmax = 0;
};

// A box and its score, index = box * scores of a box + class (background counts).
struct ScoredBox {
  int64_t index = 0;
  float score = 0;
};

struct DetectionParams {
  int32_t boxes = 0;                   // >= 0
  int32_t encoding_length = 4;         // numbers an encoding, >= 4; the first four are y, x, height, width
  int32_t classes = 1;                 // >= 1, without background
  int32_t scores_per_box = 1;          // classes, or classes + 1 when the first is the background
  int32_t max_detections = 0;          // >= 0
  int32_t classes_per_box = 1;         // outputs a detection, >= 1
  int32_t detections_per_class = 100;  // >= 1, regular suppression only
  float score_threshold = 0;
  float overlap_threshold = 1;  // in (0, 1]
  float y_scale = 1, x_scale = 1, h_scale = 1, w_scale = 1;
};

// Memory of one call.
struct DetectionScratch {
  DetectionBox* decoded;  // boxes
  float* class_scores;    // boxes
  int32_t* order;         // boxes
  int32_t* selected;      // boxes
  uint8_t* dropped;       // boxes
  int32_t* class_order;   // classes
  ScoredBox* best;        // 2 * max_detections
  ScoredBox* merged;      // 2 * max_detections
};

// `boxes` has classes_per_box * max_detections elements for fast, max_detections for regular suppression, as have
// `classes` and `scores`; what no detection fills is 0.
struct Detections {
  DetectionBox* boxes;
  float* classes;
  float* scores;
  float* count;
};

// Real boxes, for box i with anchor a (y, x, h, w), each expression in double, then rounded to float: yc = y / y_scale
// * a.h + a.y; half = 0.5 * exp(h / h_scale) * a.h; ymin = yc - half, ymax = yc + half in float; x the same. False when
// a box has ymin > ymax or xmin > xmax. All floats; dequantized by the caller. Reentrant.
bool DecodeBoxesRef(const DetectionParams& params, const float* encodings, const float* anchors, DetectionBox* boxes);

// For one set of scores: keeps boxes with score >= score_threshold, the highest first (of equal ones the first box),
// drops each that overlaps a kept one by more than overlap_threshold (intersection / union in float; 0 for boxes
// without area), and stops after `limit`. Returns how many, in scratch.selected.
//
// Fast: one such pass over the best class of each box, then for each kept box its classes_per_box best classes.
// Regular: one pass a class, at most min(detections_per_class, max_detections) each; the results merged by score, of
// equal ones the lower class first, at most max_detections.
// `scores` is [boxes, scores_per_box]. Preconditions: validated parameters, decoded boxes in the scratch. Cannot fail.
// Reentrant. Exactness: LiteRT 2.3. Source: TFLite, kernels/detection_postprocess.cc.
void DetectFastRef(const DetectionParams& params, const float* scores, const DetectionScratch& scratch,
                   const Detections& out);
void DetectRegularRef(const DetectionParams& params, const float* scores, const DetectionScratch& scratch,
                      const Detections& out);

}  // namespace glimpse::kernels
