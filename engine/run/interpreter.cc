// SPDX-License-Identifier: Apache-2.0
#include "engine/run/interpreter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "engine/run/graph_builder.h"
#include "engine/run/tensor_memory.h"

namespace glimpse {
namespace {

// The pointers of one operator's invoke, made once. Not movable: `call` points into the lists.
struct Call {
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  std::vector<void*> scratch;
  glimpse_invoke invoke{};
};

template <typename T>
void Fill(std::byte* data, size_t bytes, int64_t value) {
  std::fill_n(reinterpret_cast<T*>(data), bytes / sizeof(T), static_cast<T>(value));
}

// The stored form of real 0 in every element.
void FillWithZero(const TensorInfo& info, std::byte* data, size_t bytes) {
  const auto& zero_points = info.quantization.zero_points;
  const int64_t zero_point = zero_points.size() == 1 ? zero_points[0] : 0;
  switch (info.type) {
    case DType::kInt8:
      return Fill<int8_t>(data, bytes, zero_point);
    case DType::kUint8:
      return Fill<uint8_t>(data, bytes, zero_point);
    case DType::kInt16:
      return Fill<int16_t>(data, bytes, zero_point);
    default:
      std::memset(data, 0, bytes);
  }
}

class InterpreterImpl final : public Interpreter {
 public:
  InterpreterImpl(std::shared_ptr<const Model> model, std::shared_ptr<const PluginHost> plugins,
                  const InterpreterOptions& options)
      : model_(std::move(model)), plugins_(std::move(plugins)), options_(options) {}

  Result<void> Build() {
    GLIMPSE_ASSIGN_OR_RETURN(bound_, BindGraph(*model_, *plugins_, options_));
    const size_t variable_bytes = VariableBytes();
    const auto used = CheckedAdd(bound_.persistent_bytes, variable_bytes);
    if (!used || *used > options_.limits.arena_bytes) {
      return Unexpected(ErrorCode::kExhausted, StrCat(model_->path(), ": needs more than the limit of ",
                                                      options_.limits.arena_bytes, " bytes of memory"));
    }
    auto memory =
        AllocateTensors(model_->main(), bound_, options_.preserve_all_tensors, options_.limits.arena_bytes - *used);
    if (!memory) return Unexpected(memory.error().code, StrCat(model_->path(), ": ", memory.error().message));
    memory_ = std::move(*memory);
    MakeViews();
    MakeCalls();
    for (BoundOperator& op : bound_.operators) plan_.push_back(op.plan);
    ResetVariables();
    return {};
  }

  const Model& model() const override { return *model_; }
  const InterpreterOptions& options() const override { return options_; }
  const std::vector<TensorView>& inputs() const override { return inputs_; }
  const std::vector<TensorView>& outputs() const override { return outputs_; }
  const TensorView& tensor(int index) const override { return views_[static_cast<size_t>(index)]; }
  const std::vector<PlannedOperator>& plan() const override { return plan_; }
  size_t arena_bytes() const override { return memory_.arena.bytes().size(); }
  size_t persistent_bytes() const override { return bound_.persistent_bytes + VariableBytes(); }

  uint64_t macs() const override {
    uint64_t sum = 0;
    for (const PlannedOperator& op : plan_) sum += op.folded ? 0 : op.macs;
    return sum;
  }

  Result<void> Invoke() override {
    for (size_t index = 0; index < calls_.size(); ++index) {
      if (auto done = Run(index); !done) return done;
    }
    return {};
  }

  Result<void> InvokeOperator(int index) override { return Run(static_cast<size_t>(index)); }

  void ResetVariables() override {
    for (const TensorView& view : views_) {
      if (view.info->is_variable) FillWithZero(*view.info, view.data.data(), view.data.size());
    }
    for (BoundOperator& op : bound_.operators) op.kernel->Reset();
  }

 private:
  size_t VariableBytes() const {
    size_t sum = 0;
    for (const TensorState& state : bound_.tensors) sum += state.info->is_variable ? state.size_bytes : 0;
    return sum;
  }

  Result<void> Run(size_t index) {
    BoundOperator& op = bound_.operators[index];
    if (op.plan.folded) return {};
    auto done = op.kernel->Invoke(calls_[index].invoke);
    if (done) return done;
    return Unexpected(ErrorCode::kInternal,
                      StrCat(model_->path(), ": operator ", index, " (", op.plan.info->ShortName(), "): kernel ",
                             op.plan.impl, " failed: ", done.error().message));
  }

  void MakeViews() {
    for (size_t index = 0; index < bound_.tensors.size(); ++index) {
      const TensorState& state = bound_.tensors[index];
      TensorView view{state.info, state.shape, {}, state.is_constant};
      if (state.is_constant) {
        // One view type serves both; the interface forbids writing to constants.
        view.data = {const_cast<std::byte*>(state.constant), state.size_bytes};
      } else if (memory_.tensors[index] != nullptr) {
        view.data = {memory_.tensors[index], state.size_bytes};
      }
      views_.push_back(std::move(view));
    }
    for (const int index : model_->main().inputs) inputs_.push_back(tensor(index));
    for (const int index : model_->main().outputs) outputs_.push_back(tensor(index));
  }

  void MakeCalls() {
    calls_.resize(bound_.operators.size());  // once: Call must not move afterwards
    for (size_t index = 0; index < calls_.size(); ++index) {
      const OperatorInfo& op = *bound_.operators[index].plan.info;
      Call& call = calls_[index];
      for (const int input : op.inputs) call.inputs.push_back(input < 0 ? nullptr : tensor(input).data.data());
      for (const int output : op.outputs) call.outputs.push_back(tensor(output).data.data());
      for (std::byte* block : memory_.scratch[index]) call.scratch.push_back(block);
      call.invoke = MakeInvoke(call.inputs, call.outputs, call.scratch, should_stop_);
    }
  }

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const PluginHost> plugins_;
  InterpreterOptions options_;
  BoundGraph bound_;
  TensorMemory memory_;
  std::vector<TensorView> views_;
  std::vector<TensorView> inputs_;
  std::vector<TensorView> outputs_;
  std::vector<Call> calls_;
  std::vector<PlannedOperator> plan_;
  const uint32_t should_stop_ = 0;
};

}  // namespace

Result<std::unique_ptr<Interpreter>> Interpreter::Create(std::shared_ptr<const Model> model,
                                                         std::shared_ptr<const PluginHost> plugins,
                                                         const InterpreterOptions& options) {
  GLIMPSE_RETURN_IF_ERROR(CheckNumerics(options.numerics));
  auto interpreter = std::make_unique<InterpreterImpl>(std::move(model), std::move(plugins), options);
  GLIMPSE_RETURN_IF_ERROR(interpreter->Build());
  return std::unique_ptr<Interpreter>(std::move(interpreter));
}

}  // namespace glimpse
