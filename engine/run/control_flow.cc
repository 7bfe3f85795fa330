// SPDX-License-Identifier: Apache-2.0
#include "engine/run/control_flow.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "engine/run/operator_binder.h"
#include "engine/run/subgraph_runner.h"

namespace glimpse {
namespace {

// What operators that call subgraphs share.
class CallOperator : public EngineOperator {
 public:
  CallOperator(RunContext& context, const Subgraph& graph, const OperatorInfo& op)
      : context_(context), graph_(graph), binder_(context, graph), op_(op) {}

  uint64_t macs() const override { return macs_; }

 protected:
  Unexpected Fail(ErrorCode code, std::string message) const { return binder_.At(op_, {code, std::move(message)}); }

  // What the callee may know of a tensor. A constant is shown as one where its memory surely outlives the callee's
  // binding: in the file, in the main subgraph, or as the handle of a variable.
  InputState Shown(const TensorState& state) const {
    InputState input{state.shape, nullptr, false, state.is_dynamic};
    const bool lasting = state.info->is_constant || binder_.is_main() || state.info->type == DType::kResource;
    if (state.is_constant && lasting) {
      input.constant = state.constant;
      input.is_constant = true;
    }
    return input;
  }

  void CountMacs(const SubgraphRunner& callee) {
    for (const BoundOperator& op : callee.bound().operators) macs_ += op.plan.folded ? 0 : op.plan.macs;
  }

  // A tensor's content, and its shape where that may change, to another subgraph.
  Result<void> Copy(const SubgraphRunner& from, int source, SubgraphRunner& to, int target) const {
    if (to.state(target).is_constant) return {};
    const TensorState& state = from.state(source);
    if (to.state(target).is_dynamic) {
      if (auto memory = to.Resize(target, state.shape); !memory) {
        return Fail(memory.error().code, memory.error().message);
      }
    }
    const std::span<std::byte> in = from.data(source);
    const std::span<std::byte> out = to.data(target);
    if (in.size() != out.size() || to.state(target).shape != state.shape) {
      return Fail(ErrorCode::kInternal, StrCat("tensor ", source, " has ", in.size(), " bytes, ", target, " has ",
                                               out.size(), " in the other subgraph"));
    }
    if (!in.empty()) std::memmove(out.data(), in.data(), in.size());
    return {};
  }

  // Every call costs something, even of a subgraph without operators.
  Result<void> Charge() const {
    auto added = context_.meter.Add(1 + op_.inputs.size() + op_.outputs.size());
    if (added) added = context_.meter.CheckTime(0);
    return added ? added : Fail(added.error().code, added.error().message);
  }

  // Calls `callee`, which is made ready for such inputs, and copies its outputs to the operator's.
  Result<void> Call(SubgraphRunner& caller, SubgraphRunner& callee, const std::vector<InputState>& inputs,
                    size_t first_input) const {
    GLIMPSE_RETURN_IF_ERROR(Charge());
    GLIMPSE_RETURN_IF_ERROR(callee.Prepare(inputs));
    for (size_t i = 0; i < inputs.size(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(Copy(caller, op_.inputs[first_input + i], callee, callee.graph().inputs[i]));
    }
    GLIMPSE_RETURN_IF_ERROR(callee.Invoke());
    for (size_t i = 0; i < op_.outputs.size(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(Copy(callee, callee.graph().outputs[i], caller, op_.outputs[i]));
    }
    return {};
  }

  SubgraphRunner& callee(size_t position) const { return context_.runner(op_.subgraphs[position]); }
  static void SetShape(TensorState& output, const TensorState& from) {
    output.shape = from.shape;
    output.size_bytes = from.size_bytes;
  }

  RunContext& context_;
  const Subgraph& graph_;
  OperatorBinder binder_;
  const OperatorInfo& op_;
  uint64_t macs_ = 0;
};

// Calls the one subgraph of several that `Choose` names; all have the same inputs. IF and composites.
class BranchOperator : public CallOperator {
 public:
  using CallOperator::CallOperator;

  Result<void> Prepare(std::span<TensorState> states) override {
    for (size_t i = first_input(); i < op_.inputs.size(); ++i) {
      inputs_.push_back(Shown(states[static_cast<size_t>(op_.inputs[i])]));
    }
    std::vector<bool> dynamic(op_.outputs.size(), false);
    for (size_t branch = 0; branch < op_.subgraphs.size(); ++branch) {
      SubgraphRunner& runner = callee(branch);
      GLIMPSE_RETURN_IF_ERROR(runner.Prepare(inputs_));
      if (!runner.prepared()) continue;  // some operator has no kernel, which is reported in the end
      CountMacs(runner);
      for (size_t i = 0; i < op_.outputs.size(); ++i) {
        const TensorState& from = runner.state(runner.graph().outputs[i]);
        TensorState& output = states[static_cast<size_t>(op_.outputs[i])];
        dynamic[i] = dynamic[i] || from.is_dynamic || (branch > 0 && from.shape != output.shape);
        if (branch == 0) SetShape(output, from);
      }
    }
    for (size_t i = 0; i < op_.outputs.size(); ++i) {
      states[static_cast<size_t>(op_.outputs[i])].is_dynamic = dynamic[i];
    }
    return {};
  }

  Result<void> Invoke(SubgraphRunner& caller) override {
    GLIMPSE_ASSIGN_OR_RETURN(const size_t branch, Choose(caller));
    return Call(caller, callee(branch), inputs_, first_input());
  }

 protected:
  virtual size_t first_input() const = 0;
  virtual Result<size_t> Choose(const SubgraphRunner& caller) const = 0;

 private:
  std::vector<InputState> inputs_;
};

class If final : public BranchOperator {
 public:
  using BranchOperator::BranchOperator;

  Result<void> Prepare(std::span<TensorState> states) override {
    const TensorState& condition = states[static_cast<size_t>(op_.inputs[0])];
    if (!condition.is_dynamic && condition.size_bytes != 1) {
      return Fail(ErrorCode::kInvalidModel, "its condition is not one element");
    }
    return BranchOperator::Prepare(states);
  }

 protected:
  size_t first_input() const override { return 1; }
  Result<size_t> Choose(const SubgraphRunner& caller) const override {
    const std::span<std::byte> condition = caller.data(op_.inputs[0]);
    if (condition.size() != 1) return Fail(ErrorCode::kInvalidArgument, "its condition is not one element");
    return condition[0] != std::byte{0} ? size_t{0} : size_t{1};
  }
};

class Composite final : public BranchOperator {
 public:
  using BranchOperator::BranchOperator;

 protected:
  size_t first_input() const override { return 0; }
  Result<size_t> Choose(const SubgraphRunner&) const override { return size_t{0}; }
};

class CallOnce final : public CallOperator {
 public:
  using CallOperator::CallOperator;

  Result<void> Prepare(std::span<TensorState>) override { return callee(0).Prepare({}); }

  Result<void> Invoke(SubgraphRunner& caller) override {
    const auto subgraph = static_cast<size_t>(op_.subgraphs[0]);
    if (context_.initialised[subgraph]) return {};
    GLIMPSE_RETURN_IF_ERROR(Call(caller, callee(0), {}, 0));
    context_.initialised[subgraph] = true;
    return {};
  }
};

// The state of the loop lives in the operator's outputs, between the iterations too.
class While final : public CallOperator {
 public:
  using CallOperator::CallOperator;

  Result<void> Prepare(std::span<TensorState> states) override {
    for (const int index : op_.inputs) {
      InputState& input = inputs_.emplace_back(Shown(states[static_cast<size_t>(index)]));
      // Only what no iteration can change stays a constant.
      if (graph_.tensors[static_cast<size_t>(index)].type == DType::kResource) continue;
      input.constant = nullptr;
      input.is_constant = false;
    }
    // A shape that an iteration changes may change other shapes in turn. Few rounds settle honest loops.
    for (int round = 0;; ++round) {
      GLIMPSE_RETURN_IF_ERROR(callee(1).Prepare(inputs_));
      if (!callee(1).prepared()) break;
      if (!Loosen(round >= kMaxRounds)) break;
    }
    GLIMPSE_RETURN_IF_ERROR(callee(0).Prepare(inputs_));
    if (!callee(0).prepared() || !callee(1).prepared()) return {};
    CountMacs(callee(0));
    CountMacs(callee(1));
    for (size_t i = 0; i < op_.outputs.size(); ++i) {
      const TensorState& input = states[static_cast<size_t>(op_.inputs[i])];
      TensorState& output = states[static_cast<size_t>(op_.outputs[i])];
      SetShape(output, input);
      output.is_dynamic = inputs_[i].is_dynamic;
      output.is_constant = inputs_[i].is_constant;
      output.constant = inputs_[i].constant;
    }
    return {};
  }

  Result<void> Invoke(SubgraphRunner& caller) override {
    for (size_t i = 0; i < op_.inputs.size(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(Copy(caller, op_.inputs[i], caller, op_.outputs[i]));
    }
    const uint64_t limit = context_.options.limits.loop_iterations;
    for (uint64_t iteration = 0;; ++iteration) {
      GLIMPSE_ASSIGN_OR_RETURN(const bool goes_on, Condition(caller));
      if (!goes_on) return {};
      if (iteration >= limit) {
        return Fail(ErrorCode::kExhausted, StrCat("loops more than the limit of ", limit, " times"));
      }
      GLIMPSE_RETURN_IF_ERROR(Run(caller, callee(1)));
      for (size_t i = 0; i < op_.outputs.size(); ++i) {
        GLIMPSE_RETURN_IF_ERROR(Copy(callee(1), callee(1).graph().outputs[i], caller, op_.outputs[i]));
      }
    }
  }

 private:
  static constexpr int kMaxRounds = 3;

  // Makes inputs dynamic whose shape, or content where that was taken for constant, does not survive an iteration.
  // Returns whether any became so.
  bool Loosen(bool all) {
    bool any = false;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      InputState& input = inputs_[i];
      const TensorState& result = callee(1).state(callee(1).graph().outputs[i]);
      const bool same = input.is_constant ? result.is_constant && result.size_bytes == sizeof(int32_t) &&
                                                std::memcmp(result.constant, input.constant, sizeof(int32_t)) == 0
                                          : !result.is_dynamic && result.shape == input.shape;
      if (input.is_dynamic || (same && !all)) continue;
      input = {input.shape, nullptr, false, true};
      any = true;
    }
    return any;
  }

  // Runs a subgraph on the state of the loop.
  Result<void> Run(const SubgraphRunner& caller, SubgraphRunner& runner) {
    GLIMPSE_RETURN_IF_ERROR(Charge());
    GLIMPSE_RETURN_IF_ERROR(runner.Prepare(inputs_));
    for (size_t i = 0; i < inputs_.size(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(Copy(caller, op_.outputs[i], runner, runner.graph().inputs[i]));
    }
    return runner.Invoke();
  }

  Result<bool> Condition(const SubgraphRunner& caller) {
    SubgraphRunner& runner = callee(0);
    GLIMPSE_RETURN_IF_ERROR(Run(caller, runner));
    const std::span<std::byte> condition = runner.data(runner.graph().outputs[0]);
    if (condition.size() != 1) return Fail(ErrorCode::kInvalidArgument, "its condition is not one element");
    return condition[0] != std::byte{0};
  }

  std::vector<InputState> inputs_;
};

}  // namespace

std::unique_ptr<EngineOperator> MakeIf(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<If>(context, graph, op);
}

std::unique_ptr<EngineOperator> MakeWhile(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<While>(context, graph, op);
}

std::unique_ptr<EngineOperator> MakeCallOnce(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<CallOnce>(context, graph, op);
}

std::unique_ptr<EngineOperator> MakeComposite(RunContext& context, const Subgraph& graph, const OperatorInfo& op) {
  return std::make_unique<Composite>(context, graph, op);
}

}  // namespace glimpse
