// SPDX-License-Identifier: Apache-2.0
// Element types of the tensors of a subgraph.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/model/dtype.h"
#include "engine/model/operator_reader.h"
#include "engine/model/read_context.h"

namespace glimpse {

// The type of each tensor of subgraph `subgraph`: the file's, but for outputs of arithmetic on two tensors whose type
// the file leaves out. float32 is the number that an absent field reads as, and these operators always have an output
// of their inputs' type: where both inputs are int8, uint8 or int16 and the output claims float32, it is of the inputs'
// type. LiteRT does the same when it prepares such an operator (TFLite, kernels/{add, sub, mul, div,
// squared_difference, maximum_minimum}.cc set output->type). Tensor indices are not checked yet: what leads outside is
// passed over.
std::vector<DType> ElementTypes(const ReadContext& context, const std::vector<OperatorCode>& codes, size_t subgraph);

}  // namespace glimpse
