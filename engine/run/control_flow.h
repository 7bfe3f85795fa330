// SPDX-License-Identifier: Apache-2.0
// Operators that run other subgraphs, as tensorflow/lite/kernels/{if,while,call_once}.cc: content is copied into the
// inputs of the subgraph and out of its outputs, unchanged whatever their quantization. A composite is its
// decomposition. The model reader has checked counts, types and that no subgraph calls itself.
#pragma once

#include <memory>

#include "engine/run/engine_operator.h"

namespace glimpse {

std::unique_ptr<EngineOperator> MakeIf(RunContext& context, const Subgraph& graph, const OperatorInfo& op);
std::unique_ptr<EngineOperator> MakeWhile(RunContext& context, const Subgraph& graph, const OperatorInfo& op);
std::unique_ptr<EngineOperator> MakeCallOnce(RunContext& context, const Subgraph& graph, const OperatorInfo& op);
std::unique_ptr<EngineOperator> MakeComposite(RunContext& context, const Subgraph& graph, const OperatorInfo& op);

}  // namespace glimpse
