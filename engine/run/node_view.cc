// SPDX-License-Identifier: Apache-2.0
#include "engine/run/node_view.h"

namespace glimpse {
namespace {

glimpse_tensor ViewOf(const TensorState& state) {
  glimpse_tensor tensor{};
  const TensorInfo& info = *state.info;
  tensor.struct_size = sizeof(tensor);
  tensor.dtype = static_cast<glimpse_dtype>(info.type);
  if (state.is_constant) tensor.flags |= GLIMPSE_TENSOR_CONST;
  if (info.is_variable) tensor.flags |= GLIMPSE_TENSOR_VARIABLE;
  tensor.rank = static_cast<uint32_t>(state.shape.size());
  tensor.dims = state.shape.data();
  tensor.data = state.is_constant ? state.constant : nullptr;
  tensor.size_bytes = state.size_bytes;
  // The file's constants end where their buffer ends; folded ones and the arena have a tail, which only invoke() sees.
  tensor.readable_bytes = state.is_constant ? state.size_bytes : state.size_bytes + GLIMPSE_TAIL_BYTES;
  tensor.scale_count = static_cast<uint32_t>(info.quantization.scales.size());
  tensor.quant_axis = info.quantization.axis;
  tensor.scales = info.quantization.scales.data();
  tensor.zero_points = info.quantization.zero_points.data();
  tensor.name = info.name.c_str();
  tensor.index = info.index;
  return tensor;
}

}  // namespace

NodeView::NodeView(std::span<const OperatorInfo* const> operators, std::span<const TensorState> states,
                   const std::string& numerics)
    : operators_(operators.size()) {
  for (size_t i = 0; i < operators.size(); ++i) {
    Fill(*operators[i], states, operators_[i]);
    views_.push_back(&operators_[i].view);
  }
  node_.struct_size = sizeof(node_);
  node_.operator_count = static_cast<uint32_t>(views_.size());
  node_.operators = views_.data();
  node_.numerics = numerics.c_str();
}

void NodeView::Fill(const OperatorInfo& op, std::span<const TensorState> states, Operator& to) {
  const std::vector<int>* const lists[] = {&op.inputs, &op.outputs, &op.intermediates};
  to.tensors.reserve(op.inputs.size() + op.outputs.size() + op.intermediates.size());
  for (const std::vector<int>* list : lists) {
    for (const int index : *list) {
      if (index >= 0) to.tensors.push_back(ViewOf(states[static_cast<size_t>(index)]));
      to.lists.push_back(index < 0 ? nullptr : &to.tensors.back());
    }
  }
  glimpse_operator& view = to.view;
  view.struct_size = sizeof(view);
  view.index = op.index;
  view.op = op.op.c_str();
  view.version = op.version;
  view.options_size = static_cast<uint32_t>(op.options.size());
  view.options = op.options.empty() ? nullptr : op.options.data();
  view.input_count = static_cast<uint32_t>(op.inputs.size());
  view.output_count = static_cast<uint32_t>(op.outputs.size());
  view.inputs = to.lists.data();
  view.outputs = view.inputs + op.inputs.size();
  view.intermediate_count = static_cast<uint32_t>(op.intermediates.size());
  view.intermediates = view.outputs + op.outputs.size();
}

}  // namespace glimpse
