// SPDX-License-Identifier: Apache-2.0
// Checks operators that run other subgraphs.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/model/read_context.h"

namespace glimpse {

// Checks, from the main subgraph on, that callers and callees agree in the number and types of inputs and outputs, and
// that no subgraph runs itself. Returns the subgraphs that may run, the main one first. Subgraph indices are in range
// already. Errors: kInvalidModel; kExhausted when calls nest deeper than honest models do.
Result<std::vector<int>> CheckCalls(const ReadContext& context, const std::vector<Subgraph>& graphs);

}  // namespace glimpse
