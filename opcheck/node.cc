// SPDX-License-Identifier: Apache-2.0
#include "opcheck/node.h"

#include <new>

#include "base/strings.h"
#include "engine/model/dtype.h"

namespace glimpse::opcheck {
size_t TensorBytes(glimpse_dtype dtype, const std::vector<int32_t>& dims) {
  size_t count = 1;
  for (const int32_t dim : dims) count *= static_cast<size_t>(dim);
  return DTypeBytes(static_cast<DType>(dtype), count).value();
}

std::string NodeTensor::Describe() const {
  if (absent) return "absent";
  return StrCat(constant ? "constant " : "", DTypeName(static_cast<DType>(dtype)), "[", StrJoin(dims, ","), "]");
}

std::string Node::Describe() const {
  std::vector<std::string> parts;
  for (const NodeOperator& each : operators) {
    std::string part = each.op;
    for (const NodeTensor& input : each.inputs) part += " " + input.Describe();
    parts.push_back(part);
  }
  return StrCat(StrJoin(parts, " + "), ", ", numerics);
}

ShownNode::ShownNode(const Node& node, const ShowForm& form) : form_(form) {
  const glimpse_tensor* link = nullptr;
  for (const NodeOperator& each : node.operators) {
    std::vector<const glimpse_tensor*>& inputs = lists_.emplace_back();
    if (link != nullptr) inputs.push_back(link);
    for (const NodeTensor& input : each.inputs) {
      inputs.push_back(input.absent ? nullptr : View(input, StrCat("input ", inputs.size())));
    }
    std::vector<const glimpse_tensor*>& outputs = lists_.emplace_back();
    for (const NodeTensor& output : each.outputs) outputs.push_back(View(output, StrCat("output ", outputs.size())));
    link = outputs.empty() ? nullptr : outputs[0];
    auto* shown = Make<glimpse_operator>();
    shown->index = static_cast<int32_t>(operators_.size());
    shown->op = names_.emplace_back(each.op).c_str();
    shown->version = each.version;
    if (form_.options && !each.options.empty()) {
      shown->options_size = static_cast<uint32_t>(each.options.size());
      shown->options = each.options.data();
    }
    shown->input_count = static_cast<uint32_t>(inputs.size());
    shown->output_count = static_cast<uint32_t>(outputs.size());
    shown->inputs = inputs.data();
    shown->outputs = outputs.data();
    operators_.push_back(shown);
  }
  node_ = Make<glimpse_node>();
  node_->operator_count = static_cast<uint32_t>(operators_.size());
  node_->operators = operators_.data();
  node_->numerics = names_.emplace_back(node.numerics).c_str();
}

const glimpse_tensor* ShownNode::View(const NodeTensor& tensor, const std::string& name) {
  auto* view = Make<glimpse_tensor>();
  view->dtype = tensor.dtype;
  if (tensor.constant) view->flags |= GLIMPSE_TENSOR_CONST;
  if (tensor.variable) view->flags |= GLIMPSE_TENSOR_VARIABLE;
  view->rank = static_cast<uint32_t>(tensor.dims.size());
  view->dims = tensor.dims.data();
  view->size_bytes = view->readable_bytes = TensorBytes(tensor.dtype, tensor.dims);
  if (tensor.constant && !tensor.bytes.empty()) {
    // Of a constant no byte behind it may be read.
    constants_.push_back(std::make_unique<GuardedBlock>(name + " (as prepare saw it)", tensor.bytes.size(), 0,
                                                        form_.constant_align, form_.place));
    constants_.back()->Write(tensor.bytes);
    constants_.back()->Protect();
    view->data = constants_.back()->data();
  }
  view->scale_count = static_cast<uint32_t>(tensor.scales.size());
  view->quant_axis = tensor.axis;
  view->scales = tensor.scales.data();
  view->zero_points = tensor.zero_points.data();
  if (form_.names) view->name = names_.emplace_back(name).c_str();
  view->index = static_cast<int32_t>(structs_.size());
  return view;
}

void ShownNode::Retire() {
  for (const auto& constant : constants_) constant->Retire();
}

}  // namespace glimpse::opcheck
