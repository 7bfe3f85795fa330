// SPDX-License-Identifier: Apache-2.0
// From options tables of the file to the structs of glimpse/op_options.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/schema/tflite_generated.h"

namespace glimpse {

// True when input `input` of the builtin operator may be absent (-1). Operators without an entry in the decoder's table
// have their inputs judged by their kernels.
bool InputMayBeAbsent(wire::BuiltinOperator code, size_t input);

// The struct of glimpse/op_options.h that belongs to `code`, as bytes; empty for an operator that has none there. A
// missing table reads as the schema's defaults. Errors: kInvalidModel (a table of another operator, or a field out of
// its range), kUnsupported; the message begins with the field, such as "builtin_options.stride_w is 0, it must be at
// least 1".
Result<std::vector<std::byte>> DecodeOptions(wire::BuiltinOperator code, const wire::Operator& op);

}  // namespace glimpse
