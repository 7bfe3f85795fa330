// SPDX-License-Identifier: Apache-2.0
#include "engine/run/node_view.h"

namespace glimpse {

NodeView::NodeView(const OperatorInfo& op, std::span<const TensorState> states, const std::string& numerics)
    : tensors_(op.inputs.size() + op.outputs.size() + op.intermediates.size()) {
  size_t slot = 0;
  for (const int index : op.inputs) {
    inputs_.push_back(index < 0 ? nullptr : Tensor(slot, states[static_cast<size_t>(index)]));
    ++slot;
  }
  for (const int index : op.outputs) outputs_.push_back(Tensor(slot++, states[static_cast<size_t>(index)]));

  for (const int index : op.intermediates) {
    intermediates_.push_back(index < 0 ? nullptr : Tensor(slot, states[static_cast<size_t>(index)]));
    ++slot;
  }

  operator_.struct_size = sizeof(operator_);
  operator_.index = op.index;
  operator_.op = op.op.c_str();
  operator_.version = op.version;
  operator_.options_size = static_cast<uint32_t>(op.options.size());
  operator_.options = op.options.empty() ? nullptr : op.options.data();
  operator_.input_count = static_cast<uint32_t>(inputs_.size());
  operator_.output_count = static_cast<uint32_t>(outputs_.size());
  operator_.inputs = inputs_.data();
  operator_.outputs = outputs_.data();
  operator_.intermediate_count = static_cast<uint32_t>(intermediates_.size());
  operator_.intermediates = intermediates_.data();

  node_.struct_size = sizeof(node_);
  node_.operator_count = 1;
  node_.operators = operators_;
  node_.numerics = numerics.c_str();
}

const glimpse_tensor* NodeView::Tensor(size_t slot, const TensorState& state) {
  glimpse_tensor& tensor = tensors_[slot];
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
  return &tensor;
}

}  // namespace glimpse
