// SPDX-License-Identifier: Apache-2.0
// Operators of real models as nodes: for those that nobody can make up, custom ones above all.
#pragma once

#include <vector>

#include "engine/model/model.h"
#include "glimpse/op_abi.h"
#include "opcheck/node.h"

namespace glimpse::opcheck {

// The operators of the model's main subgraph, or the chains of them, that a kernel with this offer is for, with the
// content of constants alone; numerics is to be set. Without those whose inputs are of a type that has no numbers.
std::vector<Node> NodesOfModel(const Model& model, const glimpse_op_descriptor& offer);

}  // namespace glimpse::opcheck
