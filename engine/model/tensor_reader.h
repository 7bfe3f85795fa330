// SPDX-License-Identifier: Apache-2.0
// Reads one tensor: shape, type, content, quantization.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "engine/model/buffer_reader.h"
#include "engine/model/model.h"
#include "engine/model/read_context.h"

namespace glimpse {

// A tensor, and why nobody can compute with it ("" when one can). Whether that matters depends on who uses it.
struct ReadTensorResult {
  TensorInfo info;
  std::string unsupported;
};

// Reads tensor `index` of subgraph `subgraph`, whose elements are of type `type` (ElementTypes()). Errors:
// kInvalidModel, kExhausted.
Result<ReadTensorResult> ReadTensor(ReadContext& context, BufferReader& buffers, size_t subgraph, size_t index,
                                    DType type);

// Number of elements of a shape; nothing when the product of its non-zero dimensions does not fit. REQUIRES dimensions
// >= 0. That product is checked even if some dimension is zero, since kernels multiply parts of a shape.
std::optional<size_t> ElementCount(const std::vector<int32_t>& shape);

}  // namespace glimpse
