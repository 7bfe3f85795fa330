// SPDX-License-Identifier: Apache-2.0
// VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE, as tensorflow/lite/kernels/{var_handle,read_variable,assign_variable}.cc:
// container and shared_name identify a variable in all subgraphs; assigning takes over type and shape; reading one that
// was never assigned, or into another type, is an error.
#pragma once

#include <memory>

#include "engine/run/engine_operator.h"

namespace glimpse {

std::unique_ptr<EngineOperator> MakeVarHandle(RunContext& context, const Subgraph& graph, const OperatorInfo& op);
std::unique_ptr<EngineOperator> MakeReadVariable(RunContext& context, const Subgraph& graph, const OperatorInfo& op);
std::unique_ptr<EngineOperator> MakeAssignVariable(RunContext& context, const Subgraph& graph, const OperatorInfo& op);

}  // namespace glimpse
