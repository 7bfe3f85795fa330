// SPDX-License-Identifier: Apache-2.0
// From a model's output tensor to scores in [0, 1].
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/run/interpreter.h"

namespace glimpse::daemon {

// Reads the first output of a classifier: every element is one class.
// score = clamp(scale * (q - zero_point), 0, 1) when the model ends in SOFTMAX or LOGISTIC (whatever QUANTIZE,
// DEQUANTIZE or RESHAPE comes after), else softmax over scale * (q - zero_point). Float outputs likewise, NaN as 0.
class ScoreReader {
 public:
  // `output` must outlive the reader. Errors: kUnsupported for an output that is not int8, uint8, int16 or float32, is
  // integer without a scale, or is empty.
  static Result<ScoreReader> Create(const Subgraph& graph, const TensorView& output);

  size_t classes() const { return classes_; }
  bool probabilities() const { return probabilities_; }
  // Rounded to 8 decimals, which keeps multiples of 1/256 exact.
  void Read(std::vector<double>* scores) const;

 private:
  ScoreReader() = default;
  const TensorView* output_ = nullptr;
  size_t classes_ = 0;
  bool probabilities_ = false;
  double scale_ = 1;
  double zero_point_ = 0;
};

// Whether the operator that makes tensor `index` is SOFTMAX or LOGISTIC, looking through operators that keep the
// values.
bool EndsInProbabilities(const Subgraph& graph, int index);

}  // namespace glimpse::daemon
