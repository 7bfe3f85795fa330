// SPDX-License-Identifier: Apache-2.0
#include "engine/run/operator_binder.h"

#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "engine/run/kernel_selector.h"

namespace glimpse {
namespace {

std::string ShapeText(std::span<const int32_t> shape) {
  return StrCat('[', StrJoin(std::vector<int32_t>(shape.begin(), shape.end()), ", "), ']');
}

}  // namespace

Result<size_t> TensorBytes(const TensorInfo& info, std::span<const int32_t> shape, const Limits& limits) {
  size_t elements = 1;
  for (const int32_t dim : shape) {
    const auto product = CheckedMul(elements, static_cast<size_t>(dim));
    if (!product) return Unexpected(ErrorCode::kInvalidModel, StrCat("shape ", ShapeText(shape), " overflows"));
    elements = *product;
  }
  const auto bytes = DTypeBytes(info.type, elements);
  if (!bytes || *bytes > limits.tensor_bytes) {
    return Unexpected(ErrorCode::kExhausted, StrCat("shape ", ShapeText(shape), " is above the limit of ",
                                                    limits.tensor_bytes, " bytes a tensor"));
  }
  const Quantization& quantization = info.quantization;
  const auto axis = static_cast<size_t>(quantization.axis);
  if (quantization.per_channel() &&
      (axis >= shape.size() || static_cast<size_t>(shape[axis]) != quantization.scales.size())) {
    return Unexpected(ErrorCode::kInvalidModel, StrCat("has ", quantization.scales.size(), " scales along dimension ",
                                                       axis, ", its shape is ", ShapeText(shape)));
  }
  return *bytes;
}

Result<Binding> OperatorBinder::Bind(const OperatorInfo& op, std::span<const TensorState> states) const {
  return Bind(OperatorChain{{&op}, "the operator stands alone"}, states);
}

Result<Binding> OperatorBinder::Bind(const OperatorChain& chain, std::span<const TensorState> states) const {
  const InterpreterOptions& options = context_.options;
  const OperatorInfo& op = chain.first();
  ChainViews views(chain, states, options.numerics);
  const std::string pin = PinnedPlugin(options.kernels, op, graph_, is_main());
  Selection selection = SelectKernels(views, context_.plugins, options.kernels, pin);
  Binding binding;
  binding.rejected = std::move(selection.rejected);
  for (const Candidate& candidate : selection.candidates) {
    GLIMPSE_ASSIGN_OR_RETURN(auto kernel, Kernel::Create(*candidate.plugin, candidate.descriptor));
    PrepareOutcome outcome =
        kernel->Prepare(views.node(candidate.operators), context_.memory.left(), options.workers.get());
    // What is wrong with an operator is for its own kernel to say; a chain is only a wish.
    if (outcome.status == GLIMPSE_UNSUPPORTED || (candidate.operators > 1 && outcome.status == GLIMPSE_INVALID_NODE)) {
      binding.rejected.push_back(
          StrCat(candidate.plugin->name(), " (", kernel->descriptor().impl, "): ", outcome.message));
      continue;
    }
    if (outcome.status != GLIMPSE_OK) return PrepareFailed(op, *kernel, outcome);
    binding.why = candidate.why;
    binding.node = std::move(outcome.node);
    binding.kernel = std::move(kernel);
    binding.chain = chain.Prefix(candidate.operators);
    break;
  }
  return binding;
}

bool OperatorBinder::HasCandidate(const OperatorInfo& op, std::span<const TensorState> states,
                                  std::vector<std::string>* rejected) const {
  const InterpreterOptions& options = context_.options;
  const OperatorChain chain{{&op}, "the operator stands alone"};
  ChainViews views(chain, states, options.numerics);
  const std::string pin = PinnedPlugin(options.kernels, op, graph_, is_main());
  Selection selection = SelectKernels(views, context_.plugins, options.kernels, pin);
  *rejected = std::move(selection.rejected);
  return !selection.candidates.empty();
}

std::string OperatorBinder::Describe(const OperatorInfo& op) const {
  const std::string text = StrCat("operator ", op.index, " (", Printable(op.ShortName()), ")");
  return is_main() ? text : StrCat("subgraph ", &graph_ - context_.model.subgraphs().data(), ", ", text);
}

std::string OperatorBinder::Unsupported(const OperatorInfo& op, const std::vector<std::string>& rejected) const {
  std::string type = "no input";
  if (!op.inputs.empty() && op.inputs[0] >= 0) {
    type = StrCat(DTypeName(graph_.tensors[static_cast<size_t>(op.inputs[0])].type), " input");
  }
  const std::string place =
      is_main() ? std::string() : StrCat("subgraph ", &graph_ - context_.model.subgraphs().data(), " ");
  return StrCat(place, "#", op.index, " ", op.ShortName(), " version ", op.version, ", ", type, ", profile ",
                context_.options.numerics, " (",
                rejected.empty() ? "no loaded plugin has it" : StrJoin(rejected, " | "), ")");
}

Unexpected OperatorBinder::At(const OperatorInfo& op, const Error& error) const {
  return Unexpected(error.code, StrCat(context_.model.path(), ": ", Describe(op), ": ", error.message));
}

Unexpected OperatorBinder::PrepareFailed(const OperatorInfo& op, const Kernel& kernel,
                                         const PrepareOutcome& outcome) const {
  switch (outcome.status) {
    case GLIMPSE_INVALID_NODE:
      return At(op, {ErrorCode::kInvalidModel, outcome.message});
    case GLIMPSE_NO_MEMORY:
      return At(op, {ErrorCode::kExhausted, outcome.message});
    default:
      return At(op, {ErrorCode::kInternal, StrCat("kernel ", kernel.descriptor().impl, " of ", kernel.plugin().path(),
                                                  " failed in prepare: ", outcome.message)});
  }
}

}  // namespace glimpse
