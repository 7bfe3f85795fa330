// SPDX-License-Identifier: Apache-2.0
#include "engine/model/element_types.h"

namespace glimpse {
namespace {

bool HasOutputOfInputType(wire::BuiltinOperator code) {
  switch (code) {
    case wire::BuiltinOperator::ADD:
    case wire::BuiltinOperator::SUB:
    case wire::BuiltinOperator::MUL:
    case wire::BuiltinOperator::DIV:
    case wire::BuiltinOperator::SQUARED_DIFFERENCE:
    case wire::BuiltinOperator::MAXIMUM:
    case wire::BuiltinOperator::MINIMUM:
      return true;
    default:
      return false;
  }
}

bool IsSmallInteger(DType type) { return type == DType::kInt8 || type == DType::kUint8 || type == DType::kInt16; }

}  // namespace

std::vector<DType> ElementTypes(const ReadContext& context, const std::vector<OperatorCode>& codes, size_t subgraph) {
  const wire::SubGraph& graph = *context.model().subgraphs()->Get(static_cast<uint32_t>(subgraph));
  std::vector<DType> types;
  for (size_t i = 0; i < CountOf(graph.tensors()); ++i) {
    types.push_back(static_cast<DType>(static_cast<uint8_t>(graph.tensors()->Get(static_cast<uint32_t>(i))->type())));
  }
  const auto tensor = [&](const flatbuffers::Vector<int32_t>& list, uint32_t i) {
    const int32_t index = list.Get(i);
    return index >= 0 && static_cast<size_t>(index) < types.size() ? &types[static_cast<size_t>(index)] : nullptr;
  };
  for (size_t i = 0; i < CountOf(graph.operators()); ++i) {
    const wire::Operator& op = *graph.operators()->Get(static_cast<uint32_t>(i));
    if (op.opcode_index() >= codes.size() || !HasOutputOfInputType(codes[op.opcode_index()].code)) continue;
    if (CountOf(op.inputs()) != 2 || CountOf(op.outputs()) != 1) continue;
    const DType* first = tensor(*op.inputs(), 0);
    const DType* second = tensor(*op.inputs(), 1);
    DType* output = tensor(*op.outputs(), 0);
    if (first == nullptr || second == nullptr || output == nullptr || *output != DType::kFloat32) continue;
    const bool variable = graph.tensors()->Get(static_cast<uint32_t>(output - types.data()))->is_variable();
    if (IsSmallInteger(*first) && *first == *second && !variable) *output = *first;
  }
  return types;
}

}  // namespace glimpse
