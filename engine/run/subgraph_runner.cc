// SPDX-License-Identifier: Apache-2.0
#include "engine/run/subgraph_runner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "engine/run/operator_binder.h"

namespace glimpse {

// Gives an operator's dynamic outputs their memory.
class SubgraphRunner::Resizer final : public OutputResizer {
 public:
  Resizer(SubgraphRunner& runner, const OperatorInfo& op) : runner_(runner), op_(op) {}

  Result<std::byte*> ResizeOutput(uint32_t output, std::span<const int32_t> dims) override {
    if (output >= op_.outputs.size() || !runner_.state(op_.outputs[output]).is_dynamic) {
      return Unexpected(ErrorCode::kInternal, StrCat("resize_output(", output, ") of an output that is not dynamic"));
    }
    return runner_.Resize(op_.outputs[output], dims);
  }

 private:
  SubgraphRunner& runner_;
  const OperatorInfo& op_;
};

Result<void> SubgraphRunner::Prepare(const std::vector<InputState>& inputs) {
  if (prepared_ && inputs == inputs_) return {};
  if (auto added = context_.meter.AddBindings(graph_.operators.size() + 1); !added) {
    return Unexpected(added.error().code, StrCat(context_.model.path(), ": ", added.error().message));
  }
  Release();  // what the last shapes needed goes before the new is made
  GLIMPSE_ASSIGN_OR_RETURN(bound_, BindGraph(context_, graph_, inputs));
  inputs_ = inputs;
  if (!context_.unsupported.empty()) return {};
  GLIMPSE_RETURN_IF_ERROR(Allocate());
  MakeCalls();
  prepared_ = true;
  ResetVariables();
  return {};
}

void SubgraphRunner::Release() {
  prepared_ = false;
  calls_.clear();
  memory_ = {};
  dynamic_ = DynamicTensors();
  bound_ = {};
}

size_t SubgraphRunner::variable_bytes() const {
  size_t sum = 0;
  for (const TensorState& state : bound_.tensors) sum += state.info->is_variable ? state.size_bytes : 0;
  return sum;
}

Result<void> SubgraphRunner::Allocate() {
  if (!bound_.share.Take(variable_bytes())) {
    return Unexpected(ErrorCode::kExhausted, StrCat(context_.model.path(), ": needs more than the limit of ",
                                                    context_.memory.limit(), " bytes of memory"));
  }
  auto memory = AllocateTensors(graph_, bound_, context_.options.preserve_all_tensors, context_.memory.left());
  if (!memory) return Unexpected(memory.error().code, StrCat(context_.model.path(), ": ", memory.error().message));
  memory_ = std::move(*memory);
  bound_.share.Take(std::min(arena_bytes(), context_.memory.left()));
  dynamic_ = DynamicTensors(context_.memory, graph_.tensors.size());
  return {};
}

void SubgraphRunner::MakeCalls() {
  calls_ = std::vector<Call>(bound_.operators.size());  // once: Call must not move afterwards
  for (size_t index = 0; index < calls_.size(); ++index) {
    const BoundOperator& op = bound_.operators[index];
    Call& call = calls_[index];
    for (const int input : op.inputs) call.inputs.push_back(input < 0 ? nullptr : data(input).data());
    for (const int output : op.outputs) call.outputs.push_back(data(output).data());
    for (std::byte* block : memory_.scratch[index]) call.scratch.push_back(block);
    call.invoke = MakeInvoke(call.inputs, call.outputs, call.scratch, context_.meter.should_stop());
  }
}

std::span<std::byte> SubgraphRunner::data(int tensor) const {
  const TensorState& of = state(tensor);
  // One view serves both; the interface forbids writing to constants.
  if (of.is_constant) return {const_cast<std::byte*>(of.constant), of.size_bytes};
  std::byte* const memory = memory_.tensors[static_cast<size_t>(tensor)];
  return memory == nullptr ? std::span<std::byte>() : std::span<std::byte>(memory, of.size_bytes);
}

Result<std::byte*> SubgraphRunner::Resize(int tensor, std::span<const int32_t> shape) {
  const auto index = static_cast<size_t>(tensor);
  TensorState& of = bound_.tensors[index];
  GLIMPSE_ASSIGN_OR_RETURN(const size_t bytes, TensorBytes(*of.info, shape, context_.options.limits));
  GLIMPSE_ASSIGN_OR_RETURN(memory_.tensors[index], dynamic_.Reserve(index, bytes));
  of.shape.assign(shape.begin(), shape.end());
  of.size_bytes = bytes;
  return memory_.tensors[index];
}

Result<void> SubgraphRunner::CountWork() {
  auto added = context_.meter.Add(bound_.work);
  if (!added) return Unexpected(added.error().code, StrCat(context_.model.path(), ": ", added.error().message));
  return {};
}

Result<void> SubgraphRunner::Invoke() {
  if (auto counted = CountWork(); !counted) return counted;
  for (size_t index = 0; index < calls_.size(); ++index) {
    if (auto done = Run(index); !done) return done;
  }
  return {};
}

Result<void> SubgraphRunner::Run(size_t index) {
  BoundOperator& op = bound_.operators[index];
  if (op.plan.folded || op.plan.fused_into >= 0) return {};
  if (auto in_time = context_.meter.CheckTime(op.plan.work); !in_time) {
    return OperatorBinder(context_, graph_).At(*op.plan.info, in_time.error());
  }
  if (op.engine) return op.engine->Invoke(*this);
  if (op.deferred) return RunDeferred(op, calls_[index]);
  return InvokeKernel(*op.plan.info, *op.kernel, calls_[index], op.has_dynamic_output);
}

Result<void> SubgraphRunner::RunDeferred(BoundOperator& op, Call& call) {
  const OperatorInfo& info = *op.plan.info;
  const OperatorBinder binder(context_, graph_);
  for (const int input : info.inputs) {
    if (input < 0 || data(input).data() != nullptr || state(input).is_constant) continue;
    return binder.At(info, {ErrorCode::kInvalidArgument, StrCat("tensor ", input, " has no content yet")});
  }
  GLIMPSE_RETURN_IF_ERROR(op.deferred->Prepare(bound_.tensors, memory_.tensors));
  const PreparedNode& node = op.deferred->node();
  if (auto added = context_.meter.Add(node.work); !added) return binder.At(info, added.error());
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    if (node.dynamic_outputs[i]) continue;
    auto memory = Resize(info.outputs[i], node.output_shapes[i]);
    if (!memory) return binder.At(info, memory.error());
    call.outputs[i] = *memory;
  }
  for (size_t i = 0; i < info.inputs.size(); ++i) {
    if (info.inputs[i] >= 0) call.inputs[i] = data(info.inputs[i]).data();
  }
  const bool dynamic = std::count(node.dynamic_outputs.begin(), node.dynamic_outputs.end(), true) > 0;
  call.invoke = MakeInvoke(call.inputs, call.outputs, op.deferred->scratch(), context_.meter.should_stop());
  Kernel& kernel = op.deferred->kernel();
  if (op.plan.plugin.empty()) {
    op.plan.impl = kernel.descriptor().impl;
    op.plan.plugin = kernel.plugin().name();
    op.plan.plugin_path = kernel.plugin().path();
  }
  if (!dynamic) return InvokeKernel(info, kernel, call, false);
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    if (!node.dynamic_outputs[i]) continue;
    call.outputs[i] = nullptr;
    memory_.tensors[static_cast<size_t>(info.outputs[i])] = nullptr;
  }
  return InvokeKernel(info, kernel, call, true);
}

Result<void> SubgraphRunner::InvokeKernel(const OperatorInfo& op, Kernel& kernel, Call& call, bool has_dynamic_output) {
  Result<void> done;
  if (!has_dynamic_output) {
    done = kernel.Invoke(call.invoke);
  } else {
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      if (call.outputs[i] == nullptr) memory_.tensors[static_cast<size_t>(op.outputs[i])] = nullptr;
    }
    Resizer resizer(*this, op);
    done = kernel.Invoke(call.invoke, &resizer);
    for (size_t i = 0; done && i < op.outputs.size(); ++i) {
      if (memory_.tensors[static_cast<size_t>(op.outputs[i])] != nullptr) continue;
      done = Unexpected(ErrorCode::kInternal, StrCat("did not tell the shape of output ", i));
    }
  }
  if (done) return done;
  const OperatorBinder binder(context_, graph_);
  return binder.At(op,
                   {done.error().code, StrCat("kernel ", kernel.descriptor().impl, " failed: ", done.error().message)});
}

namespace {

// As the runtimes do it: int8 starts at its zero point, every other type at 0, uint8 with a zero point too.
void FillWithZero(const TensorInfo& info, std::span<std::byte> data) {
  const auto& zero_points = info.quantization.zero_points;
  const bool real_zero = info.type == DType::kInt8 && zero_points.size() == 1;
  std::fill(data.begin(), data.end(), static_cast<std::byte>(real_zero ? zero_points[0] : 0));
}

}  // namespace

void SubgraphRunner::ResetVariables() {
  for (const TensorState& state : bound_.tensors) {
    if (state.info->is_variable) FillWithZero(*state.info, data(state.info->index));
  }
  for (BoundOperator& op : bound_.operators) {
    if (op.kernel) op.kernel->Reset();
    if (op.deferred) op.deferred->Reset();
  }
}

void SubgraphRunner::CopyVariablesFrom(const SubgraphRunner& other) {
  for (const TensorState& state : bound_.tensors) {
    if (!state.info->is_variable) continue;
    const std::span<std::byte> to = data(state.info->index);
    const std::span<std::byte> from = other.data(state.info->index);
    std::copy_n(from.begin(), std::min(from.size(), to.size()), to.begin());
  }
}

}  // namespace glimpse
