// SPDX-License-Identifier: Apache-2.0
// What decoders of options share: reading a table with its defaults, and collecting the first field out of range.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/strings.h"
#include "engine/schema/tflite_generated.h"
#include "glimpse/op_options.h"

namespace glimpse::options {

using Bytes = std::vector<std::byte>;

// Collects the first field that is out of range, so that decoders read as lists of fields.
class FieldCheck {
 public:
  int32_t AtLeast(const char* field, int32_t value, int32_t minimum) {
    if (value < minimum) Report(StrCat(field, " is ", value, ", it must be at least ", minimum));
    return value;
  }
  float Finite(const char* field, float value) {
    if (!std::isfinite(value)) Report(StrCat(field, " is ", value, ", it must be finite"));
    return value;
  }
  // For enumerations that count from 0.
  template <typename Enum>
  uint32_t UpTo(const char* field, Enum value, Enum last) {
    const auto number = static_cast<int>(value);
    if (number < 0 || number > static_cast<int>(last)) {
      Report(StrCat(field, " is ", number, ", known values are 0 to ", static_cast<int>(last)));
    }
    return static_cast<uint32_t>(number);
  }
  // A clip: 0 for none, or positive.
  float Clip(const char* field, float value) {
    if (!(value >= 0) || !std::isfinite(value)) Report(StrCat(field, " is ", value, ", it must be 0 or positive"));
    return value;
  }
  // int32 or int64, `otherwise` when the file leaves the field out (which reads as 0, FLOAT32's number).
  glimpse_dtype IndexType(const char* field, wire::TensorType value, glimpse_dtype otherwise) {
    if (value == wire::TensorType::INT32) return GLIMPSE_INT32;
    if (value == wire::TensorType::INT64) return GLIMPSE_INT64;
    if (value != wire::TensorType::FLOAT32) {
      Report(StrCat(field, " is ", static_cast<int>(value), ", it must be 2 (int32) or 4 (int64)"));
    }
    return otherwise;
  }
  glimpse_padding Padding(wire::Padding value) { return UpTo("padding", value, wire::Padding::MAX); }
  glimpse_activation Activation(wire::ActivationFunctionType value) {
    return UpTo("fused_activation_function", value, wire::ActivationFunctionType::MAX);
  }
  void Report(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  // The finished struct, or the first problem.
  template <typename Struct>
  Result<Bytes> Finish(Struct options) const {
    if (!problem_.empty()) return Unexpected(ErrorCode::kInvalidModel, StrCat("builtin_options.", problem_));
    options.struct_size = sizeof(options);
    Bytes bytes(sizeof(options));
    std::memcpy(bytes.data(), &options, sizeof(options));
    return bytes;
  }

 private:
  std::string problem_;
};

// The fields of an options table, or their defaults when there is none. Only for tables without vectors.
template <typename Fields, typename Table>
Fields FieldsOf(const Table* table) {
  Fields fields;
  if (table != nullptr) table->UnPackTo(&fields);
  return fields;
}

// Decoders, in options_math.cc, options_shape.cc and options_state.cc: one for each struct of glimpse/op_options.h.
// Errors: kInvalidModel or kUnsupported, the message begins with "builtin_options.FIELD".
Result<Bytes> Conv2D(const wire::Operator& op);
Result<Bytes> DepthwiseConv2D(const wire::Operator& op);
Result<Bytes> FullyConnected(const wire::Operator& op);
Result<Bytes> Pool2D(const wire::Operator& op);
Result<Bytes> Add(const wire::Operator& op);
Result<Bytes> Mul(const wire::Operator& op);
Result<Bytes> Softmax(const wire::Operator& op);
Result<Bytes> LeakyRelu(const wire::Operator& op);
Result<Bytes> Reducer(const wire::Operator& op);
Result<Bytes> Sub(const wire::Operator& op);
Result<Bytes> Div(const wire::Operator& op);
Result<Bytes> TransposeConv(const wire::Operator& op);
Result<Bytes> BatchMatMul(const wire::Operator& op);
Result<Bytes> L2Normalization(const wire::Operator& op);
Result<Bytes> Gelu(const wire::Operator& op);
Result<Bytes> ResizeBilinear(const wire::Operator& op);
Result<Bytes> ResizeNearestNeighbor(const wire::Operator& op);
Result<Bytes> Cumsum(const wire::Operator& op);
Result<Bytes> Cast(const wire::Operator& op);
Result<Bytes> ArgMax(const wire::Operator& op);
Result<Bytes> ArgMin(const wire::Operator& op);
Result<Bytes> Concatenation(const wire::Operator& op);
Result<Bytes> Reshape(const wire::Operator& op);
Result<Bytes> Shape(const wire::Operator& op);
Result<Bytes> StridedSlice(const wire::Operator& op);
Result<Bytes> Pack(const wire::Operator& op);
Result<Bytes> SpaceToDepth(const wire::Operator& op);
Result<Bytes> DepthToSpace(const wire::Operator& op);
Result<Bytes> Gather(const wire::Operator& op);
Result<Bytes> Squeeze(const wire::Operator& op);
Result<Bytes> Split(const wire::Operator& op);
Result<Bytes> SplitV(const wire::Operator& op);
Result<Bytes> Unpack(const wire::Operator& op);
Result<Bytes> MirrorPad(const wire::Operator& op);
Result<Bytes> OneHot(const wire::Operator& op);
Result<Bytes> ReverseSequence(const wire::Operator& op);
Result<Bytes> Svdf(const wire::Operator& op);
Result<Bytes> Lstm(const wire::Operator& op);
Result<Bytes> SequenceLstm(const wire::Operator& op);

}  // namespace glimpse::options
