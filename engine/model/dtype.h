// SPDX-License-Identifier: Apache-2.0
// Element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "glimpse/op_abi.h"

namespace glimpse {

// Numbered as TensorType of the .tflite schema and as glimpse_dtype. Strings, complex numbers and variants
// are not here: a main graph that uses them is unsupported. A tensor that is not used, or of another subgraph, may
// still carry such a type, under its number in the schema: DTypeName() knows it and DTypeBits() is 0.
enum class DType : uint32_t {
  kFloat32 = GLIMPSE_FLOAT32,
  kFloat16 = GLIMPSE_FLOAT16,
  kInt32 = GLIMPSE_INT32,
  kUint8 = GLIMPSE_UINT8,
  kInt64 = GLIMPSE_INT64,
  kBool = GLIMPSE_BOOL,
  kInt16 = GLIMPSE_INT16,
  kInt8 = GLIMPSE_INT8,
  kFloat64 = GLIMPSE_FLOAT64,
  kUint64 = GLIMPSE_UINT64,
  kUint32 = GLIMPSE_UINT32,
  kUint16 = GLIMPSE_UINT16,
  kInt4 = GLIMPSE_INT4,
  kResource = 13,  // the handle of a variable, an int32; for the engine's own operators
};

// "int8"; the names numpy uses where it has one; "unknown" for a number that the schema does not have.
std::string_view DTypeName(DType type);

// Bits of one element: 4 for kInt4, otherwise a multiple of 8; 0 for types that nothing here computes with.
size_t DTypeBits(DType type);

// Bytes that `elements` packed elements take, or nothing on overflow.
std::optional<size_t> DTypeBytes(DType type, size_t elements);

// Smallest and largest stored value of an integer type up to 64 bits; REQUIRES an integer type.
struct IntegerRange {
  int64_t min;
  int64_t max;
};
IntegerRange DTypeRange(DType type);

bool IsInteger(DType type);

}  // namespace glimpse
