// SPDX-License-Identifier: Apache-2.0
// Nodes at random for a kernel on offer: awkward shapes, extreme quantization, every option.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "glimpse/op_abi.h"
#include "opcheck/node.h"
#include "opcheck/random_tensors.h"

namespace glimpse::opcheck {

// One operator `op`, for a kernel that takes a first input of a type in `types` (bits as in
// glimpse_op_descriptor.input_types), `inputs_min` to `inputs_max` inputs, and makes `outputs` outputs. With `link`
// that is its first input; it is not among the result's inputs then. Most, not all, are sound: a kernel, or the
// reference, says so. Operators that TFLite does not have get inputs and options by guess.
NodeOperator GenerateOperator(const std::string& op, uint64_t types, uint32_t inputs_min, uint32_t inputs_max,
                              uint32_t outputs, const NodeTensor* link, Random& random);

namespace internal {

// A size around the tiles of kernels: 1, 2, 3, 15, 16, 17, 33 and the like, `most` at most.
int32_t AwkwardSize(int32_t most, Random& random);
// One of the types in `types`, int8 most of the time when it is among them.
glimpse_dtype PickType(uint64_t types, Random& random);

// Operators with weights or windows; nothing for others.
std::optional<NodeOperator> GenerateWindowed(const std::string& op, uint64_t types, uint32_t inputs_min,
                                             uint32_t inputs_max, const NodeTensor* link, Random& random);

}  // namespace internal
}  // namespace glimpse::opcheck
