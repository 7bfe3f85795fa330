// SPDX-License-Identifier: Apache-2.0
#include "engine/run/engine_operator.h"

#include "engine/run/control_flow.h"
#include "engine/run/variable_operators.h"

namespace glimpse {

std::unique_ptr<EngineOperator> MakeEngineOperator(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  if (op.op == "tflite.IF") return MakeIf(context, graph, op);
  if (op.op == "tflite.WHILE") return MakeWhile(context, graph, op);
  if (op.op == "tflite.CALL_ONCE") return MakeCallOnce(context, graph, op);
  if (op.op == "tflite.STABLEHLO_COMPOSITE") return MakeComposite(context, graph, op);
  if (op.op == "tflite.VAR_HANDLE") return MakeVarHandle(context, graph, op);
  if (op.op == "tflite.READ_VARIABLE") return MakeReadVariable(context, graph, op);
  if (op.op == "tflite.ASSIGN_VARIABLE") return MakeAssignVariable(context, graph, op);
  return nullptr;
}

}  // namespace glimpse
