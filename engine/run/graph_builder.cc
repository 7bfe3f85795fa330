// SPDX-License-Identifier: Apache-2.0
#include "engine/run/graph_builder.h"

#include <algorithm>
#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "engine/run/kernel_selector.h"

namespace glimpse {
namespace {

std::string DescribeOperator(const OperatorInfo& op) {
  return StrCat("operator ", op.index, " (", op.ShortName(), ")");
}

std::string ShapeText(const std::vector<int32_t>& shape) { return StrCat('[', StrJoin(shape, ", "), ']'); }

class GraphBinder {
 public:
  GraphBinder(const Model& model, const PluginHost& plugins, const InterpreterOptions& options)
      : model_(model), graph_(model.main()), plugins_(plugins), options_(options) {}

  Result<BoundGraph> Bind() {
    GLIMPSE_RETURN_IF_ERROR(CheckKernelSpec(options_.kernels, graph_, plugins_));
    StartTensors();
    for (const OperatorInfo& op : graph_.operators) {
      BoundOperator bound;
      bound.plan.info = &op;
      GLIMPSE_RETURN_IF_ERROR(BindOperator(op, bound));
      bound_.operators.push_back(std::move(bound));
    }
    if (!unsupported_.empty()) {
      return Unexpected(ErrorCode::kUnsupported,
                        StrCat(model_.path(), ": no kernel for ", unsupported_.size(), " of ", graph_.operators.size(),
                               " operators: ", StrJoin(unsupported_, "; ")));
    }
    return std::move(bound_);
  }

 private:
  void StartTensors() {
    for (const TensorInfo& info : graph_.tensors) {
      const bool constant =
          info.is_constant && std::find(graph_.inputs.begin(), graph_.inputs.end(), info.index) == graph_.inputs.end();
      bound_.tensors.push_back({&info, info.shape, info.size_bytes, constant ? info.data.data() : nullptr, constant});
    }
  }

  // Leaves `bound.kernel` empty and notes the operator in unsupported_ when nobody serves it.
  Result<void> BindOperator(const OperatorInfo& op, BoundOperator& bound) {
    const NodeView view(op, bound_.tensors, options_.numerics);
    const std::string pin = PinnedPlugin(options_.kernels, op, graph_);
    Selection selection = SelectKernels(op, view.node(), plugins_, options_.kernels, pin);
    bound.plan.rejected = std::move(selection.rejected);
    for (const Candidate& candidate : selection.candidates) {
      GLIMPSE_ASSIGN_OR_RETURN(auto kernel, Kernel::Create(*candidate.plugin, candidate.descriptor));
      PrepareOutcome outcome = kernel->Prepare(view.node(), MemoryLeft());
      if (outcome.status == GLIMPSE_UNSUPPORTED) {
        bound.plan.rejected.push_back(
            StrCat(candidate.plugin->name(), " (", kernel->descriptor().impl, "): ", outcome.message));
        continue;
      }
      if (outcome.status != GLIMPSE_OK) return PrepareFailed(op, *kernel, outcome);
      bound.plan.why = candidate.why;
      return Accept(op, std::move(kernel), std::move(outcome.node), bound);
    }
    NoteUnsupported(op, bound.plan.rejected);
    return {};
  }

  size_t MemoryLeft() const { return options_.limits.arena_bytes - bound_.persistent_bytes; }

  void NoteUnsupported(const OperatorInfo& op, const std::vector<std::string>& rejected) {
    std::string type = "no input";
    if (!op.inputs.empty() && op.inputs[0] >= 0) {
      type = StrCat(DTypeName(graph_.tensors[static_cast<size_t>(op.inputs[0])].type), " input");
    }
    unsupported_.push_back(StrCat("#", op.index, " ", op.ShortName(), " version ", op.version, ", ", type, ", profile ",
                                  options_.numerics, " (",
                                  rejected.empty() ? "no loaded plugin has it" : StrJoin(rejected, " | "), ")"));
  }

  Result<void> PrepareFailed(const OperatorInfo& op, const Kernel& kernel, const PrepareOutcome& outcome) {
    // Behind an operator without a kernel shapes are only the file's claim: what fails there may well be sound.
    if (!unsupported_.empty() && outcome.status == GLIMPSE_INVALID_NODE) return {};
    switch (outcome.status) {
      case GLIMPSE_INVALID_NODE:
        return Unexpected(ErrorCode::kInvalidModel,
                          StrCat(model_.path(), ": ", DescribeOperator(op), ": ", outcome.message));
      case GLIMPSE_NO_MEMORY:
        return Unexpected(ErrorCode::kExhausted,
                          StrCat(model_.path(), ": ", DescribeOperator(op), ": ", outcome.message));
      default:
        return Unexpected(ErrorCode::kInternal,
                          StrCat(model_.path(), ": ", DescribeOperator(op), ": kernel ", kernel.descriptor().impl,
                                 " of ", kernel.plugin().path(), " failed in prepare: ", outcome.message));
    }
  }

  Result<void> Accept(const OperatorInfo& op, std::unique_ptr<Kernel> kernel, PreparedNode node, BoundOperator& bound) {
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(SetShape(op, op.outputs[i], std::move(node.output_shapes[i])));
    }
    bound_.persistent_bytes += node.persistent_bytes;
    GLIMPSE_RETURN_IF_ERROR(AddWork(op, node));
    bound.plan.impl = kernel->descriptor().impl;
    bound.plan.plugin = kernel->plugin().name();
    bound.plan.plugin_path = kernel->plugin().path();
    bound.plan.macs = node.macs;
    bound.plan.work = node.work;
    bound.scratch_bytes = std::move(node.scratch_bytes);
    bound.aliases = std::move(node.aliases);
    bound.kernel = std::move(kernel);
    return IsFoldable(op, bound.kernel->descriptor()) ? Fold(op, bound) : Result<void>();
  }

  Result<void> SetShape(const OperatorInfo& op, int index, std::vector<int32_t> shape) {
    TensorState& state = bound_.tensors[static_cast<size_t>(index)];
    const std::string place =
        StrCat(model_.path(), ": ", DescribeOperator(op), ": output ", Printable(state.info->name));
    size_t elements = 1;
    for (const int32_t dim : shape) {
      const auto product = CheckedMul(elements, static_cast<size_t>(dim));
      if (!product)
        return Unexpected(ErrorCode::kInvalidModel, StrCat(place, ": shape ", ShapeText(shape), " overflows"));
      elements = *product;
    }
    const auto bytes = DTypeBytes(state.info->type, elements);
    if (!bytes || *bytes > options_.limits.tensor_bytes) {
      return Unexpected(ErrorCode::kExhausted, StrCat(place, ": shape ", ShapeText(shape), " is above the limit of ",
                                                      options_.limits.tensor_bytes, " bytes a tensor"));
    }
    const Quantization& quantization = state.info->quantization;
    const auto axis = static_cast<size_t>(quantization.axis);
    if (quantization.per_channel() &&
        (axis >= shape.size() || static_cast<size_t>(shape[axis]) != quantization.scales.size())) {
      return Unexpected(ErrorCode::kInvalidModel,
                        StrCat(place, ": has ", quantization.scales.size(), " scales along dimension ", axis,
                               ", its shape is ", ShapeText(shape)));
    }
    state.shape = std::move(shape);
    state.size_bytes = *bytes;
    return {};
  }

  Result<void> AddWork(const OperatorInfo& op, const PreparedNode& node) {
    const auto total = CheckedAdd(work_, node.work);
    if (!total || *total > options_.limits.work) {
      return Unexpected(ErrorCode::kExhausted,
                        StrCat(model_.path(), ": ", DescribeOperator(op),
                               ": one inference takes more than the limit of ", options_.limits.work, " steps"));
    }
    work_ = *total;
    return {};
  }

  bool IsFoldable(const OperatorInfo& op, const glimpse_op_descriptor& descriptor) const {
    if ((descriptor.flags & GLIMPSE_OP_SHAPE_ONLY) != 0) return true;
    if ((descriptor.flags & GLIMPSE_OP_FOLDABLE) == 0) return false;
    return std::all_of(op.inputs.begin(), op.inputs.end(),
                       [&](int index) { return index < 0 || bound_.tensors[static_cast<size_t>(index)].is_constant; });
  }

  Result<void> Fold(const OperatorInfo& op, BoundOperator& bound) {
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    std::vector<void*> scratch;
    std::vector<AlignedMemory> scratch_memory;
    for (const int index : op.inputs) {
      inputs.push_back(index < 0 ? nullptr : bound_.tensors[static_cast<size_t>(index)].constant);
    }
    for (const int index : op.outputs) {
      GLIMPSE_ASSIGN_OR_RETURN(auto memory, Memory(bound_.tensors[static_cast<size_t>(index)].size_bytes));
      outputs.push_back(memory.bytes().data());
      bound_.folded.push_back(std::move(memory));
    }
    for (const size_t bytes : bound.scratch_bytes) {
      GLIMPSE_ASSIGN_OR_RETURN(auto memory, Memory(bytes));
      scratch.push_back(memory.bytes().data());
      scratch_memory.push_back(std::move(memory));
    }
    const uint32_t never = 0;
    glimpse_invoke invoke = MakeInvoke(inputs, outputs, scratch, never);
    if (auto done = bound.kernel->Invoke(invoke); !done) {
      return Unexpected(ErrorCode::kInternal, StrCat(model_.path(), ": ", DescribeOperator(op), ": kernel ",
                                                     bound.plan.impl, ": ", done.error().message));
    }
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      TensorState& state = bound_.tensors[static_cast<size_t>(op.outputs[i])];
      state.constant = static_cast<const std::byte*>(outputs[i]);
      state.is_constant = true;
    }
    bound.plan.folded = true;
    return {};
  }

  // Memory that counts against the limit for as long as the interpreter lives.
  Result<AlignedMemory> Memory(size_t bytes) {
    if (bytes > MemoryLeft()) {
      return Unexpected(ErrorCode::kExhausted, StrCat(model_.path(), ": needs more than the limit of ",
                                                      options_.limits.arena_bytes, " bytes of memory"));
    }
    bound_.persistent_bytes += bytes;
    return AlignedMemory::Allocate(bytes);
  }

  const Model& model_;
  const Subgraph& graph_;
  const PluginHost& plugins_;
  const InterpreterOptions& options_;
  BoundGraph bound_;
  std::vector<std::string> unsupported_;
  uint64_t work_ = 0;
};

}  // namespace

Result<BoundGraph> BindGraph(const Model& model, const PluginHost& plugins, const InterpreterOptions& options) {
  return GraphBinder(model, plugins, options).Bind();
}

glimpse_invoke MakeInvoke(const std::vector<const void*>& inputs, const std::vector<void*>& outputs,
                          const std::vector<void*>& scratch, const uint32_t& should_stop) {
  glimpse_invoke invoke{};
  invoke.struct_size = sizeof(invoke);
  invoke.input_count = static_cast<uint32_t>(inputs.size());
  invoke.output_count = static_cast<uint32_t>(outputs.size());
  invoke.scratch_count = static_cast<uint32_t>(scratch.size());
  invoke.inputs = inputs.data();
  invoke.outputs = outputs.data();
  invoke.scratch = scratch.data();
  invoke.should_stop = &should_stop;
  return invoke;
}

}  // namespace glimpse
