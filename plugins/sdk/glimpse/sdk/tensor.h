// SPDX-License-Identifier: Apache-2.0
// Read-only views of what the host shows during Prepare: tensors and the operator that they belong to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "glimpse/op_abi.h"
#include "glimpse/op_options.h"

namespace glimpse::sdk {

// dtype number of a C++ element type: kDtype<int8_t> == GLIMPSE_INT8.
template <typename T>
inline constexpr glimpse_dtype kDtype = [] {
  if constexpr (std::is_same_v<T, float>) return GLIMPSE_FLOAT32;
  if constexpr (std::is_same_v<T, double>) return GLIMPSE_FLOAT64;
  if constexpr (std::is_same_v<T, int8_t>) return GLIMPSE_INT8;
  if constexpr (std::is_same_v<T, uint8_t>) return GLIMPSE_UINT8;
  if constexpr (std::is_same_v<T, int16_t>) return GLIMPSE_INT16;
  if constexpr (std::is_same_v<T, uint16_t>) return GLIMPSE_UINT16;
  if constexpr (std::is_same_v<T, int32_t>) return GLIMPSE_INT32;
  if constexpr (std::is_same_v<T, uint32_t>) return GLIMPSE_UINT32;
  if constexpr (std::is_same_v<T, int64_t>) return GLIMPSE_INT64;
  if constexpr (std::is_same_v<T, uint64_t>) return GLIMPSE_UINT64;
  if constexpr (std::is_same_v<T, bool>) return GLIMPSE_BOOL;
}();

// "int8", for messages; "type 99" never occurs in a message of the host's, but is what an unknown number gives.
inline std::string DtypeName(glimpse_dtype dtype) {
  switch (dtype) {
    case GLIMPSE_FLOAT32:
      return "float32";
    case GLIMPSE_FLOAT16:
      return "float16";
    case GLIMPSE_INT32:
      return "int32";
    case GLIMPSE_UINT8:
      return "uint8";
    case GLIMPSE_INT64:
      return "int64";
    case GLIMPSE_BOOL:
      return "bool";
    case GLIMPSE_INT16:
      return "int16";
    case GLIMPSE_INT8:
      return "int8";
    case GLIMPSE_FLOAT64:
      return "float64";
    case GLIMPSE_UINT64:
      return "uint64";
    case GLIMPSE_UINT32:
      return "uint32";
    case GLIMPSE_UINT16:
      return "uint16";
    case GLIMPSE_INT4:
      return "int4";
    default:
      return "type " + std::to_string(dtype);
  }
}

// Bytes of one element, 0 for int4 (two a byte) and unknown types.
inline size_t DtypeBytes(glimpse_dtype dtype) {
  switch (dtype) {
    case GLIMPSE_INT8:
    case GLIMPSE_UINT8:
    case GLIMPSE_BOOL:
      return 1;
    case GLIMPSE_FLOAT16:
    case GLIMPSE_INT16:
    case GLIMPSE_UINT16:
      return 2;
    case GLIMPSE_FLOAT32:
    case GLIMPSE_INT32:
    case GLIMPSE_UINT32:
      return 4;
    case GLIMPSE_FLOAT64:
    case GLIMPSE_INT64:
    case GLIMPSE_UINT64:
      return 8;
    default:
      return 0;
  }
}

// One tensor, dense and row-major; a view of the host's struct, good until Prepare returns. An optional input that the
// model leaves out is a Tensor too: present() is false then, and nothing else may be asked.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(const glimpse_tensor* tensor) : tensor_(tensor) {}

  bool present() const { return tensor_ != nullptr; }
  glimpse_dtype dtype() const { return tensor_->dtype; }
  uint32_t rank() const { return tensor_->rank; }
  std::span<const int32_t> dims() const { return {tensor_->dims, tensor_->rank}; }
  int32_t dim(uint32_t i) const { return tensor_->dims[i]; }
  // Product of the dimensions; the host has checked that it fits.
  int64_t element_count() const {
    int64_t count = 1;
    for (const int32_t d : dims()) count *= d;
    return count;
  }
  size_t size_bytes() const { return tensor_->size_bytes; }

  bool is_constant() const { return (tensor_->flags & GLIMPSE_TENSOR_CONST) != 0; }
  bool is_variable() const { return (tensor_->flags & GLIMPSE_TENSOR_VARIABLE) != 0; }

  // Content of a constant tensor of element type T. Empty when the type differs, when the tensor is not constant or
  // when it has no elements.
  template <typename T>
  std::span<const T> constant() const {
    if (!is_constant() || tensor_->data == nullptr || tensor_->dtype != kDtype<T>) return {};
    return {static_cast<const T*>(tensor_->data), tensor_->size_bytes / sizeof(T)};
  }

  // real = scale * (stored - zero_point). scale_count is 0 (not quantized), 1 or dim(quant_axis).
  bool is_quantized() const { return tensor_->scale_count > 0; }
  uint32_t scale_count() const { return tensor_->scale_count; }
  int32_t quant_axis() const { return tensor_->quant_axis; }
  std::span<const float> scales() const { return {tensor_->scales, tensor_->scale_count}; }
  std::span<const int64_t> zero_points() const { return {tensor_->zero_points, tensor_->scale_count}; }
  // Of a tensor with one scale. REQUIRES: is_quantized().
  float scale() const { return tensor_->scales[0]; }
  int64_t zero_point() const { return tensor_->zero_points[0]; }

  std::string_view name() const { return tensor_->name == nullptr ? "" : tensor_->name; }
  int32_t index() const { return tensor_->index; }
  // "int8[1,28,28,1]", for messages.
  std::string Describe() const {
    std::string text(DtypeName(dtype()));
    text += '[';
    for (uint32_t i = 0; i < rank(); ++i) {
      if (i > 0) text += ',';
      text += std::to_string(dim(i));
    }
    text += ']';
    return text;
  }

 private:
  const glimpse_tensor* tensor_ = nullptr;
};

// One operator of the model, good until Prepare returns.
class Operator {
 public:
  explicit Operator(const glimpse_operator* op) : op_(op) {}

  std::string_view name() const { return op_->op; }  // "tflite.CONV_2D", "custom.NAME"
  int32_t index() const { return op_->index; }
  int32_t version() const { return op_->version; }
  uint32_t input_count() const { return op_->input_count; }
  uint32_t output_count() const { return op_->output_count; }
  // Absent when the model leaves it out or gives fewer inputs.
  Tensor input(uint32_t i) const { return Tensor(i < op_->input_count ? op_->inputs[i] : nullptr); }
  Tensor output(uint32_t i) const { return Tensor(i < op_->output_count ? op_->outputs[i] : nullptr); }

  // A tensor that only lends its quantization; absent when the model gives fewer.
  uint32_t intermediate_count() const { return op_->intermediate_count; }
  Tensor intermediate(uint32_t i) const {
    return Tensor(i < op_->intermediate_count ? op_->intermediates[i] : nullptr);
  }

  // The options struct of glimpse/op_options.h that belongs to the operator; what an older host does not know is 0.
  // Nothing when the operator has none.
  template <typename Options>
  std::optional<Options> options() const {
    if (op_->options == nullptr || op_->options_size == 0) return std::nullopt;
    Options options{};
    std::memcpy(&options, op_->options, op_->options_size < sizeof(Options) ? op_->options_size : sizeof(Options));
    return options;
  }
  // Bytes of a custom operator's options, as in the file: untrusted.
  std::span<const uint8_t> custom_options() const {
    return {static_cast<const uint8_t*>(op_->options), op_->options == nullptr ? 0 : op_->options_size};
  }

 private:
  const glimpse_operator* op_;
};

}  // namespace glimpse::sdk
