// SPDX-License-Identifier: Apache-2.0
#include "daemon/scores.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

constexpr size_t kMaxClasses = 100'000;

template <typename T>
void Convert(const std::byte* data, size_t count, double scale, double zero_point, std::vector<double>* out) {
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data + i * sizeof(T), sizeof(T));
    (*out)[i] = scale * (static_cast<double>(value) - zero_point);
  }
}

void Softmax(std::vector<double>* values) {
  const double largest = *std::max_element(values->begin(), values->end());
  double sum = 0;
  for (double& value : *values) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (double& value : *values) value /= sum;
}

bool KeepsValues(const std::string& op) {
  return op == "tflite.QUANTIZE" || op == "tflite.DEQUANTIZE" || op == "tflite.RESHAPE";
}

}  // namespace

bool EndsInProbabilities(const Subgraph& graph, int index) {
  // Operators are in execution order, so one walk from the end follows a chain of producers.
  for (auto op = graph.operators.rbegin(); op != graph.operators.rend(); ++op) {
    if (std::find(op->outputs.begin(), op->outputs.end(), index) == op->outputs.end()) continue;
    if (op->op == "tflite.SOFTMAX" || op->op == "tflite.LOGISTIC") return true;
    if (!KeepsValues(op->op) || op->inputs.empty()) return false;
    index = op->inputs[0];
  }
  return false;
}

Result<ScoreReader> ScoreReader::Create(const Subgraph& graph, const TensorView& output) {
  const TensorInfo& info = *output.info;
  ScoreReader reader;
  reader.output_ = &output;
  reader.classes_ = 1;
  for (const int32_t dimension : output.shape) reader.classes_ *= static_cast<size_t>(dimension);
  if (reader.classes_ == 0 || reader.classes_ > kMaxClasses) {
    return Unexpected(ErrorCode::kUnsupported,
                      StrCat("its output has ", reader.classes_, " elements, a classifier's has 1 to ", kMaxClasses));
  }
  const bool integer = info.type == DType::kInt8 || info.type == DType::kUint8 || info.type == DType::kInt16;
  if (!integer && info.type != DType::kFloat32) {
    return Unexpected(ErrorCode::kUnsupported, StrCat("its output is ", DTypeName(info.type),
                                                      "; a classifier's is int8, uint8, int16 or float32"));
  }
  if (integer) {
    if (info.quantization.scales.size() != 1) {
      return Unexpected(ErrorCode::kUnsupported, "its integer output has no scale, so its values mean nothing");
    }
    reader.scale_ = info.quantization.scales[0];
    reader.zero_point_ = static_cast<double>(info.quantization.zero_points[0]);
  }
  reader.probabilities_ = EndsInProbabilities(graph, info.index);
  return reader;
}

void ScoreReader::Read(std::vector<double>* scores) const {
  scores->resize(classes_);
  const std::byte* data = output_->data.data();
  switch (output_->info->type) {
    case DType::kInt8:
      Convert<int8_t>(data, classes_, scale_, zero_point_, scores);
      break;
    case DType::kUint8:
      Convert<uint8_t>(data, classes_, scale_, zero_point_, scores);
      break;
    case DType::kInt16:
      Convert<int16_t>(data, classes_, scale_, zero_point_, scores);
      break;
    default:
      Convert<float>(data, classes_, 1, 0, scores);
  }
  // A float model can give anything; infinities would make the softmax NaN.
  constexpr double kLimit = std::numeric_limits<float>::max();
  for (double& score : *scores) score = std::isnan(score) ? 0 : std::clamp(score, -kLimit, kLimit);
  if (!probabilities_) Softmax(scores);
  for (double& score : *scores) score = std::round(std::clamp(score, 0.0, 1.0) * 1e8) / 1e8;
}

}  // namespace glimpse::daemon
