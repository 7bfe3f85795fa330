// SPDX-License-Identifier: Apache-2.0
#include "opcheck/model_nodes.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace glimpse::opcheck {
namespace {

NodeTensor TensorOf(const TensorInfo& info) {
  NodeTensor tensor;
  tensor.dtype = static_cast<glimpse_dtype>(info.type);
  tensor.dims = info.shape;
  tensor.scales = info.quantization.scales;
  tensor.zero_points = info.quantization.zero_points;
  tensor.axis = info.quantization.axis;
  tensor.constant = info.is_constant;
  tensor.variable = info.is_variable;
  tensor.bytes.resize(info.data.size());
  if (!info.data.empty()) std::memcpy(tensor.bytes.data(), info.data.data(), info.data.size());
  return tensor;
}

// The operator; with `link` its first input must be that tensor, and is left out.
std::optional<NodeOperator> OperatorOf(const Subgraph& graph, const OperatorInfo& info, std::optional<int> link) {
  if (link && (info.inputs.empty() || info.inputs[0] != *link)) return std::nullopt;
  if (!info.intermediates.empty()) return std::nullopt;
  NodeOperator op;
  op.op = info.op;
  op.version = info.version;
  op.options.resize(info.options.size());
  if (!info.options.empty()) std::memcpy(op.options.data(), info.options.data(), info.options.size());
  for (size_t i = link ? 1 : 0; i < info.inputs.size(); ++i) {
    const int index = info.inputs[i];
    op.inputs.push_back(index < 0 ? NodeTensor{} : TensorOf(graph.tensors[static_cast<size_t>(index)]));
    op.inputs.back().absent = index < 0;
    // Constants without content are of no use to anybody.
    if (index >= 0 && op.inputs.back().constant && op.inputs.back().bytes.empty()) return std::nullopt;
  }
  for (const int index : info.outputs) op.outputs.push_back(TensorOf(graph.tensors[static_cast<size_t>(index)]));
  return op;
}

}  // namespace

std::vector<Node> NodesOfModel(const Model& model, const glimpse_op_descriptor& offer) {
  const Subgraph& graph = model.main();
  std::vector<Node> nodes;
  for (size_t first = 0; first + offer.op_count <= graph.operators.size(); ++first) {
    Node node;
    std::optional<int> link;
    for (uint32_t i = 0; i < offer.op_count; ++i) {
      const OperatorInfo& info = graph.operators[first + i];
      if (info.op != offer.ops[i] || info.outputs.empty()) break;
      auto op = OperatorOf(graph, info, link);
      if (!op) break;
      node.operators.push_back(*std::move(op));
      link = info.outputs[0];
    }
    if (node.operators.size() == offer.op_count) nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace glimpse::opcheck
