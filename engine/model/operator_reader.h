// SPDX-License-Identifier: Apache-2.0
// Reads operator codes and operators.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/model/read_context.h"

namespace glimpse {

// One entry of Model.operator_codes.
struct OperatorCode {
  wire::BuiltinOperator code = wire::BuiltinOperator::ADD;
  std::string op;  // as OperatorInfo::op
  int version = 1;
};

// All operator codes. A builtin code that the schema does not know becomes "tflite.BUILTIN_<number>": whether that
// matters is for the kernels to say. Errors: kInvalidModel, kExhausted.
Result<std::vector<OperatorCode>> ReadOperatorCodes(ReadContext& context);

// Operator `index` of subgraph `subgraph`, its tensor indices and options checked. Errors: kInvalidModel, kUnsupported,
// kExhausted.
Result<OperatorInfo> ReadOperator(ReadContext& context, const std::vector<OperatorCode>& codes, size_t subgraph,
                                  size_t index);

}  // namespace glimpse
