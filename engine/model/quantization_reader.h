// SPDX-License-Identifier: Apache-2.0
// Reads how a tensor's stored values stand for real ones.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/model/read_context.h"

namespace glimpse {

// Fills info->quantization; shape and type are there already. Returns why nobody can compute with such a quantization,
// "" when one can. Rules as the LiteRT interpreter has them: as many zero points as scales; quantized_dimension within
// the rank, of per-tensor scales too; one scale, or one for each entry of that dimension. Ours besides: scales are
// positive and finite, zero points within the type's range. Types without integer values keep no scales. `place` names
// the tensor in messages. Errors: kInvalidModel, kExhausted.
Result<std::string> ReadQuantization(ReadContext& context, size_t subgraph, const wire::Tensor& tensor,
                                     const std::string& place, TensorInfo* info);

}  // namespace glimpse
