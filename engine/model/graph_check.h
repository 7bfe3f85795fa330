// SPDX-License-Identifier: Apache-2.0
// Whether a subgraph computes what it claims to: every tensor defined once, and before it is used.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/model/read_context.h"

namespace glimpse {

// Checks definition and use of every tensor of `graph`, whose indices are in range. A tensor has its value from the
// caller (graph inputs), from the file (constants), from earlier invokes (variables) or from exactly one earlier
// operator. Tensors without elements that have no other origin become constants, since they have all the content they
// need. Errors: kInvalidModel, naming operator and tensor.
Result<void> CheckGraph(const ReadContext& context, size_t subgraph, Subgraph* graph);

}  // namespace glimpse
