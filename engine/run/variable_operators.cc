// SPDX-License-Identifier: Apache-2.0
#include "engine/run/variable_operators.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "engine/run/operator_binder.h"
#include "engine/run/subgraph_runner.h"

namespace glimpse {
namespace {

class VariableOperator : public EngineOperator {
 public:
  VariableOperator(RunContext& context, const Subgraph& graph, const OperatorInfo& op)
      : context_(context), binder_(context, graph), op_(op) {}

 protected:
  Unexpected Fail(ErrorCode code, std::string message) const { return binder_.At(op_, {code, std::move(message)}); }

  Result<void> CheckCounts(size_t inputs, size_t outputs) const {
    const bool absent = std::any_of(op_.inputs.begin(), op_.inputs.end(), [](int index) { return index < 0; });
    if (op_.inputs.size() == inputs && op_.outputs.size() == outputs && !absent) return {};
    return Fail(ErrorCode::kInvalidModel, StrCat("has ", op_.inputs.size(), " inputs and ", op_.outputs.size(),
                                                 " outputs, it takes ", inputs, " and ", outputs));
  }

  // A handle is one element, of type resource or int32.
  Result<void> CheckHandle(const TensorState& state) const {
    const bool type = state.info->type == DType::kResource || state.info->type == DType::kInt32;
    if (type && (state.is_dynamic || state.size_bytes == sizeof(int32_t))) return {};
    return Fail(ErrorCode::kInvalidModel, StrCat("tensor ", state.info->index, " (", Printable(state.info->name),
                                                 ") is no handle: it must be one resource or int32"));
  }

  // The variable that the handle names, when that is known before the first run; else null.
  Variable* KnownVariable(const TensorState& handle) const {
    if (!handle.is_constant) return nullptr;
    int32_t number = 0;
    std::memcpy(&number, handle.constant, sizeof(number));
    return context_.variables.Find(number);
  }

  Result<Variable*> VariableOf(const SubgraphRunner& caller) const {
    const std::span<std::byte> handle = caller.data(op_.inputs[0]);
    int32_t number = -1;
    if (handle.size() == sizeof(number)) std::memcpy(&number, handle.data(), sizeof(number));
    Variable* variable = context_.variables.Find(number);
    if (variable == nullptr) return Fail(ErrorCode::kInvalidModel, StrCat("handle ", number, " names no variable"));
    return variable;
  }

  RunContext& context_;
  OperatorBinder binder_;
  const OperatorInfo& op_;
};

class VarHandle final : public VariableOperator {
 public:
  using VariableOperator::VariableOperator;

  Result<void> Prepare(std::span<TensorState> states) override {
    GLIMPSE_RETURN_IF_ERROR(CheckCounts(0, 1));
    TensorState& output = states[static_cast<size_t>(op_.outputs[0])];
    GLIMPSE_RETURN_IF_ERROR(CheckHandle(output));
    // The variable outlives everything that is bound, so its handle may be shown by address.
    const Variable& variable = context_.variables.Declare(op_.container, op_.variable);
    output.constant = reinterpret_cast<const std::byte*>(&variable.handle);
    output.is_constant = true;
    return {};
  }
  Result<void> Invoke(SubgraphRunner&) override { return {}; }
};

class ReadVariable final : public VariableOperator {
 public:
  using VariableOperator::VariableOperator;

  Result<void> Prepare(std::span<TensorState> states) override {
    GLIMPSE_RETURN_IF_ERROR(CheckCounts(1, 1));
    const TensorState& handle = states[static_cast<size_t>(op_.inputs[0])];
    TensorState& output = states[static_cast<size_t>(op_.outputs[0])];
    GLIMPSE_RETURN_IF_ERROR(CheckHandle(handle));
    const auto& signature = output.info->shape_signature;
    const bool claimed = std::find(signature.begin(), signature.end(), -1) == signature.end();
    Variable* variable = KnownVariable(handle);
    if (variable != nullptr && !claimed) context_.variables.ExpectAnything(*variable);
    if (variable != nullptr && claimed && context_.variables.Expect(*variable, output.shape)) return {};
    output.is_dynamic = true;
    return {};
  }

  Result<void> Invoke(SubgraphRunner& caller) override {
    GLIMPSE_ASSIGN_OR_RETURN(Variable * variable, VariableOf(caller));
    const int index = op_.outputs[0];
    const TensorState& output = caller.state(index);
    if (!variable->assigned) {
      return Fail(ErrorCode::kInvalidModel, StrCat("variable '", variable->name, "' is read before it is assigned"));
    }
    if (variable->type != output.info->type) {
      return Fail(ErrorCode::kInvalidModel, StrCat("variable '", variable->name, "' holds ", DTypeName(variable->type),
                                                   ", it is read as ", DTypeName(output.info->type)));
    }
    if (output.is_dynamic) {
      if (auto memory = caller.Resize(index, variable->shape); !memory) {
        return Fail(memory.error().code, memory.error().message);
      }
    } else if (variable->shape != output.shape) {
      return Fail(ErrorCode::kUnsupported,
                  StrCat("variable '", variable->name, "' has another shape than all its readers expect"));
    }
    const std::span<std::byte> data = caller.data(index);
    if (data.size() != variable->bytes) {
      return Fail(ErrorCode::kInternal, StrCat("variable '", variable->name, "' was assigned without its content"));
    }
    if (!data.empty()) std::memcpy(data.data(), variable->memory.bytes().data(), data.size());
    return {};
  }
};

class AssignVariable final : public VariableOperator {
 public:
  using VariableOperator::VariableOperator;

  Result<void> Prepare(std::span<TensorState> states) override {
    GLIMPSE_RETURN_IF_ERROR(CheckCounts(2, 0));
    const TensorState& handle = states[static_cast<size_t>(op_.inputs[0])];
    const TensorState& value = states[static_cast<size_t>(op_.inputs[1])];
    GLIMPSE_RETURN_IF_ERROR(CheckHandle(handle));
    if (value.info->type == DType::kResource) {
      return Fail(ErrorCode::kUnsupported, "a variable that holds a resource is not supported");
    }
    Variable* variable = KnownVariable(handle);
    if (variable == nullptr) {
      context_.variables.ExpectAnything();
    } else if (value.is_dynamic) {
      context_.variables.ExpectAnything(*variable);
    } else {
      context_.variables.Expect(*variable, value.shape);
    }
    return {};
  }

  Result<void> Invoke(SubgraphRunner& caller) override {
    GLIMPSE_ASSIGN_OR_RETURN(Variable * variable, VariableOf(caller));
    const TensorState& value = caller.state(op_.inputs[1]);
    auto done = context_.variables.Assign(*variable, value.info->type, value.shape, caller.data(op_.inputs[1]));
    return done ? done : Fail(done.error().code, done.error().message);
  }
};

}  // namespace

std::unique_ptr<EngineOperator> MakeVarHandle(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<VarHandle>(context, graph, op);
}

std::unique_ptr<EngineOperator> MakeReadVariable(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<ReadVariable>(context, graph, op);
}

std::unique_ptr<EngineOperator> MakeAssignVariable(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<AssignVariable>(context, graph, op);
}

}  // namespace glimpse
