// SPDX-License-Identifier: Apache-2.0
#include "engine/run/graph_builder.h"

#include <algorithm>
#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "engine/run/operator_binder.h"

namespace glimpse {
namespace {

// Outputs of a folded operator whose shape only invoke() tells.
class FoldedOutputs final : public OutputResizer {
 public:
  FoldedOutputs(const RunContext& context, const OperatorInfo& op, std::vector<TensorState>& states)
      : context_(context), op_(op), states_(states), memory(op.outputs.size()) {}

  Result<std::byte*> ResizeOutput(uint32_t output, std::span<const int32_t> dims) override {
    if (output >= op_.outputs.size()) return Unexpected(ErrorCode::kInternal, "resize_output() is out of range");
    TensorState& state = states_[static_cast<size_t>(op_.outputs[output])];
    GLIMPSE_ASSIGN_OR_RETURN(state.size_bytes, TensorBytes(*state.info, dims, context_.options.limits));
    state.shape.assign(dims.begin(), dims.end());
    return Allocate(output);
  }

  Result<std::byte*> Allocate(uint32_t output) {
    const size_t bytes = states_[static_cast<size_t>(op_.outputs[output])].size_bytes;
    if (bytes > context_.memory.left()) {
      return Unexpected(ErrorCode::kExhausted,
                        StrCat("needs more than the limit of ", context_.memory.limit(), " bytes of memory"));
    }
    GLIMPSE_ASSIGN_OR_RETURN(memory[output], AlignedMemory::Allocate(bytes));
    return memory[output].bytes().data();
  }

 private:
  const RunContext& context_;
  const OperatorInfo& op_;
  std::vector<TensorState>& states_;

 public:
  std::vector<AlignedMemory> memory;  // by output
};

class GraphBinder {
 public:
  GraphBinder(RunContext& context, const Subgraph& graph)
      : context_(context), graph_(graph), binder_(context, graph), readers_(graph) {
    bound_.share = BudgetShare(context.memory);
  }

  Result<BoundGraph> Bind(const std::vector<InputState>& inputs) {
    GLIMPSE_RETURN_IF_ERROR(StartTensors(inputs));
    bound_.operators.resize(graph_.operators.size());
    for (const OperatorInfo& op : graph_.operators) {
      BoundOperator& bound = bound_.operators[static_cast<size_t>(op.index)];
      bound.plan.info = &op;
      if (bound.plan.fused_into >= 0) continue;
      bound.inputs = op.inputs;
      bound.outputs = op.outputs;
      GLIMPSE_RETURN_IF_ERROR(BindOperator(op, bound));
    }
    return std::move(bound_);
  }

 private:
  TensorState& state(int index) { return bound_.tensors[static_cast<size_t>(index)]; }

  Result<void> StartTensors(const std::vector<InputState>& inputs) {
    for (const TensorInfo& info : graph_.tensors) {
      TensorState& state = bound_.tensors.emplace_back();
      state.info = &info;
      state.shape = info.shape;
      state.size_bytes = info.size_bytes;
      state.is_constant = info.is_constant;
      state.constant = info.is_constant ? info.data.data() : nullptr;
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      TensorState& input = state(graph_.inputs[i]);
      auto bytes = TensorBytes(*input.info, inputs[i].shape, context_.options.limits);
      if (!bytes) {
        return Unexpected(bytes.error().code, StrCat(context_.model.path(), ": input ", Printable(input.info->name),
                                                     ": ", bytes.error().message));
      }
      input.shape = inputs[i].shape;
      input.size_bytes = *bytes;
      input.constant = inputs[i].constant;
      input.is_constant = inputs[i].is_constant;
      input.is_dynamic = inputs[i].is_dynamic;
    }
    return {};
  }

  Result<void> BindOperator(const OperatorInfo& op, BoundOperator& bound) {
    bound.engine = MakeEngineOperator(context_, graph_, op);
    if (bound.engine) {
      bound.plan.impl = StrCat("engine.", op.ShortName());
      bound.plan.plugin = "engine";
      bound.plan.why = "control flow and state are the engine's own";
      GLIMPSE_RETURN_IF_ERROR(bound.engine->Prepare(bound_.tensors));
      bound.plan.macs = bound.engine->macs();
      return {};
    }
    if (const std::string reason = TouchesResource(op); !reason.empty()) {
      NoteUnsupported(op, {reason});
      return {};
    }
    const bool waits = std::any_of(op.inputs.begin(), op.inputs.end(),
                                   [&](int index) { return index >= 0 && state(index).is_dynamic; });
    if (waits) return Defer(op, bound, "its inputs have no shape before");
    auto binding = binder_.Bind(ChainFrom(op), bound_.tensors);
    if (!binding) {
      // Behind an operator without a kernel shapes are only the file's claim: what fails there may well be sound.
      if (!context_.unsupported.empty() && binding.error().code == ErrorCode::kInvalidModel) return {};
      return Unexpected(binding.error());
    }
    if (binding->kernel) {
      const OperatorInfo& last = binding->chain.last();
      Fuse(binding->chain, bound);
      return Accept(last, std::move(*binding), bound);
    }
    if (WouldServeWithValues(binder_, op, bound_.tensors)) {
      return Defer(op, bound, "it is prepared anew whenever values of its inputs change");
    }
    NoteUnsupported(op, binding->rejected);
    return {};
  }

  OperatorChain ChainFrom(const OperatorInfo& op) {
    if (context_.options.preserve_all_tensors) return {{&op}, "every tensor is kept"};
    return readers_.ChainFrom(op, bound_.tensors, context_.options.kernels, binder_.is_main());
  }

  // Everything that `bound`, of the chain's first operator, computes besides.
  void Fuse(const OperatorChain& chain, BoundOperator& bound) {
    if (chain.operators.size() == 1) return;
    bound.inputs = chain.Inputs();
    bound.outputs = chain.outputs();
    bound.plan.fused = static_cast<int>(chain.operators.size()) - 1;
    for (const OperatorInfo* op : std::span(chain.operators).subspan(1)) {
      bound_.operators[static_cast<size_t>(op->index)].plan.fused_into = chain.first().index;
    }
  }

  // Handles of variables are for the engine's own operators.
  std::string TouchesResource(const OperatorInfo& op) {
    for (const std::vector<int>* list : {&op.inputs, &op.outputs}) {
      for (const int index : *list) {
        if (index >= 0 && state(index).info->type == DType::kResource) return "does not take resources";
      }
    }
    return "";
  }

  void NoteUnsupported(const OperatorInfo& op, const std::vector<std::string>& rejected) {
    std::string text = binder_.Unsupported(op, rejected);
    std::vector<std::string>& list = context_.unsupported;
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
  }

  Result<void> Defer(const OperatorInfo& op, BoundOperator& bound, const char* why) {
    std::vector<std::string> rejected;
    if (!binder_.HasCandidate(op, bound_.tensors, &rejected)) {
      NoteUnsupported(op, rejected);
      return {};
    }
    for (const int index : op.outputs) GLIMPSE_RETURN_IF_ERROR(MakeDynamic(op, index));
    bound.deferred = std::make_unique<DeferredOperator>(context_, graph_, op);
    bound.plan.impl = "chosen at run time";
    bound.plan.why = StrCat("the kernel is chosen at run time: ", why);
    bound.plan.rejected = std::move(rejected);
    return {};
  }

  Result<void> MakeDynamic(const OperatorInfo& op, int index) {
    TensorState& output = state(index);
    if (output.info->is_variable) {
      return binder_.At(op, {ErrorCode::kUnsupported, StrCat("output ", Printable(output.info->name),
                                                             " is a variable and has no shape before it runs")});
    }
    output.is_dynamic = true;
    return {};
  }

  // `op`: the operator whose outputs the kernel writes.
  Result<void> Accept(const OperatorInfo& op, Binding binding, BoundOperator& bound) {
    PreparedNode& node = binding.node;
    bound.kernel = std::move(binding.kernel);
    const bool fold = IsFoldable(bound);
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      if (!node.dynamic_outputs[i]) {
        GLIMPSE_RETURN_IF_ERROR(SetShape(op, op.outputs[i], std::move(node.output_shapes[i])));
      } else if (!fold) {
        GLIMPSE_RETURN_IF_ERROR(MakeDynamic(op, op.outputs[i]));
        bound.has_dynamic_output = true;
      }
    }
    GLIMPSE_RETURN_IF_ERROR(Charge(op, node.persistent_bytes));
    GLIMPSE_RETURN_IF_ERROR(AddWork(op, node));
    bound.plan.impl = bound.kernel->descriptor().impl;
    bound.plan.plugin = bound.kernel->plugin().name();
    bound.plan.plugin_path = bound.kernel->plugin().path();
    bound.plan.why = std::move(binding.why);
    bound.plan.rejected = std::move(binding.rejected);
    bound.plan.macs = node.macs;
    bound.plan.work = node.work;
    bound.scratch_bytes = std::move(node.scratch_bytes);
    bound.aliases = std::move(node.aliases);
    for (const OperatorInfo* other : std::span(binding.chain.operators).subspan(1)) {
      PlannedOperator& fused = bound_.operators[static_cast<size_t>(other->index)].plan;
      fused.impl = bound.plan.impl;
      fused.plugin = bound.plan.plugin;
      fused.plugin_path = bound.plan.plugin_path;
      fused.why = StrCat("computed together with operator ", bound.plan.info->index);
    }
    return fold ? Fold(op, node.dynamic_outputs, bound) : Result<void>();
  }

  Result<void> SetShape(const OperatorInfo& op, int index, std::vector<int32_t> shape) {
    TensorState& output = state(index);
    auto bytes = TensorBytes(*output.info, shape, context_.options.limits);
    if (!bytes) {
      return binder_.At(
          op, {bytes.error().code, StrCat("output ", Printable(output.info->name), ": ", bytes.error().message)});
    }
    output.shape = std::move(shape);
    output.size_bytes = *bytes;
    return {};
  }

  Result<void> AddWork(const OperatorInfo& op, const PreparedNode& node) {
    const auto total = CheckedAdd(bound_.work, node.work);
    const uint64_t limit = context_.options.limits.work;
    if (!total || *total > limit) {
      return binder_.At(
          op, {ErrorCode::kExhausted, StrCat("one inference takes more than the limit of ", limit, " steps")});
    }
    bound_.work = *total;
    return {};
  }

  // Memory that counts against the limit for as long as the bound graph lives.
  Result<void> Charge(const OperatorInfo& op, size_t bytes) {
    if (bound_.share.Take(bytes)) return {};
    return binder_.At(op, {ErrorCode::kExhausted,
                           StrCat("needs more than the limit of ", context_.memory.limit(), " bytes of memory")});
  }

  bool IsFoldable(const BoundOperator& bound) {
    const uint32_t flags = bound.kernel->descriptor().flags;
    if ((flags & GLIMPSE_OP_SHAPE_ONLY) != 0) return true;
    if ((flags & GLIMPSE_OP_FOLDABLE) == 0) return false;
    return std::all_of(bound.inputs.begin(), bound.inputs.end(),
                       [&](int index) { return index < 0 || state(index).is_constant; });
  }

  Result<void> Fold(const OperatorInfo& op, const std::vector<bool>& dynamic, BoundOperator& bound) {
    std::vector<const void*> inputs;
    std::vector<void*> outputs(op.outputs.size());
    std::vector<void*> scratch;
    std::vector<AlignedMemory> scratch_memory;
    FoldedOutputs folded(context_, op, bound_.tensors);
    for (const int index : bound.inputs) inputs.push_back(index < 0 ? nullptr : state(index).constant);
    for (uint32_t i = 0; i < outputs.size(); ++i) {
      if (dynamic[i]) continue;
      auto memory = folded.Allocate(i);
      if (!memory) return binder_.At(op, memory.error());
      outputs[i] = *memory;
    }
    for (const size_t bytes : bound.scratch_bytes) {
      GLIMPSE_ASSIGN_OR_RETURN(auto memory, AlignedMemory::Allocate(bytes));
      scratch.push_back(memory.bytes().data());
      scratch_memory.push_back(std::move(memory));
    }
    glimpse_invoke invoke = MakeInvoke(inputs, outputs, scratch, context_.meter.should_stop());
    if (auto done = bound.kernel->Invoke(invoke, &folded); !done) {
      // Inputs are constants of the file, so it is the file that is wrong about them.
      const ErrorCode code = done.error().code;
      return binder_.At(op, {code == ErrorCode::kInvalidArgument ? ErrorCode::kInvalidModel : code,
                             StrCat("kernel ", bound.plan.impl, ": ", done.error().message)});
    }
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      TensorState& output = state(op.outputs[i]);
      if (folded.memory[i].bytes().data() == nullptr) {
        return binder_.At(op, {ErrorCode::kInternal, StrCat("kernel ", bound.plan.impl, " did not tell the shape of ",
                                                            "output ", Printable(output.info->name))});
      }
      GLIMPSE_RETURN_IF_ERROR(Charge(op, output.size_bytes));
      output.constant = folded.memory[i].bytes().data();
      output.is_constant = true;
      bound_.folded.push_back(std::move(folded.memory[i]));
    }
    bound.plan.folded = true;
    return {};
  }

  RunContext& context_;
  const Subgraph& graph_;
  OperatorBinder binder_;
  TensorReaders readers_;
  BoundGraph bound_;
};

}  // namespace

Result<BoundGraph> BindGraph(RunContext& context, const Subgraph& graph, const std::vector<InputState>& inputs) {
  return GraphBinder(context, graph).Bind(inputs);
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
