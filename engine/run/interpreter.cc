// SPDX-License-Identifier: Apache-2.0
#include "engine/run/interpreter.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "engine/run/kernel_selector.h"
#include "engine/run/run_context.h"
#include "engine/run/subgraph_runner.h"

namespace glimpse {
namespace {

class InterpreterImpl final : public Interpreter {
 public:
  InterpreterImpl(std::shared_ptr<const Model> model, std::shared_ptr<const PluginHost> plugins,
                  const InterpreterOptions& options)
      : model_(std::move(model)),
        plugins_(std::move(plugins)),
        options_(options),
        context_(*model_, *plugins_, options_),
        main_(context_.runner(0)) {}

  Result<void> Build() {
    GLIMPSE_RETURN_IF_ERROR(CheckKernelSpec(options_.kernels, *model_, *plugins_));
    std::vector<InputState> inputs;
    for (const int index : model_->main().inputs) {
      InputState& input = inputs.emplace_back();
      input.shape = model_->main().tensors[static_cast<size_t>(index)].shape;
    }
    GLIMPSE_RETURN_IF_ERROR(Prepare(inputs));
    if (const auto& missing = context_.unsupported; !missing.empty()) {
      return Unexpected(ErrorCode::kUnsupported, StrCat(model_->path(), ": no kernel for ", missing.size(), " of ",
                                                        OperatorCount(), " operators: ", StrJoin(missing, "; ")));
    }
    for (const TensorInfo& info : model_->main().tensors) {
      views_.push_back({&info, {}, {}, false, false});
      UpdateView(views_.back());
      if (views_.back().dynamic) dynamic_.push_back(info.index);
    }
    for (const int index : model_->main().inputs) inputs_.push_back(tensor(index));
    for (const int index : model_->main().outputs) outputs_.push_back(tensor(index));
    UpdatePlan();
    return {};
  }

  const Model& model() const override { return *model_; }
  const InterpreterOptions& options() const override { return options_; }
  const std::vector<TensorView>& inputs() const override { return inputs_; }
  const std::vector<TensorView>& outputs() const override { return outputs_; }
  const TensorView& tensor(int index) const override { return views_[static_cast<size_t>(index)]; }
  const std::vector<PlannedOperator>& plan() const override { return plan_; }
  size_t persistent_bytes() const override {
    return context_.memory.used() - std::min(context_.memory.used(), arena_bytes());
  }

  size_t arena_bytes() const override {
    size_t sum = 0;
    for (const auto& runner : context_.runners) sum += runner ? runner->arena_bytes() : 0;
    return sum;
  }

  std::vector<PlannedOperator> plan(int subgraph) const override {
    std::vector<PlannedOperator> plan;
    const auto& runner = context_.runners[static_cast<size_t>(subgraph)];
    if (!runner) return plan;
    for (const BoundOperator& op : runner->bound().operators) plan.push_back(op.plan);
    return plan;
  }

  void RequestStop() override { context_.meter.RequestStop(); }

  uint64_t macs() const override {
    uint64_t sum = 0;
    for (const PlannedOperator& op : plan_) sum += op.folded ? 0 : op.macs;
    return sum;
  }

  Result<void> Invoke() override {
    context_.meter.Start();
    auto done = main_.Invoke();
    context_.meter.ClearStop();
    UpdateViews();
    return done;
  }

  Result<void> InvokeObserved(OperatorObserver& observer) override {
    context_.meter.Start();
    auto done = main_.CountWork();
    for (size_t index = 0; done && index < main_.bound().operators.size(); ++index) {
      const PlannedOperator& op = main_.bound().operators[index].plan;
      observer.Before(op);
      done = main_.Run(index);
      UpdateViews();
      if (done) done = observer.After(op);
    }
    context_.meter.ClearStop();
    return done;
  }

  Result<void> InvokeOperator(int index) override {
    context_.meter.Start();
    auto done = main_.Run(static_cast<size_t>(index));
    UpdateViews();
    return done;
  }

  void ResetVariables() override {
    for (const auto& runner : context_.runners) {
      if (runner && runner->prepared()) runner->ResetVariables();
    }
    context_.variables.Forget();
    context_.initialised.assign(context_.initialised.size(), false);
  }

  Result<void> CopyStateFrom(const Interpreter& other) override {
    const auto* from = dynamic_cast<const InterpreterImpl*>(&other);
    if (from == nullptr || from->model_->sha256() != model_->sha256()) {
      return Unexpected(ErrorCode::kInvalidArgument,
                        StrCat(model_->path(), ": the state of another model does not fit: ", other.model().path()));
    }
    auto done = CopyState(*from);
    if (!done) ResetVariables();
    return done;
  }

 private:
  Result<void> CopyState(const InterpreterImpl& from) {
    for (size_t i = 0; i < context_.runners.size(); ++i) {
      const auto& theirs = from.context_.runners[i];
      if (!theirs || !theirs->prepared() || theirs->variable_bytes() == 0) continue;
      const auto& ours = context_.runners[i];
      if (!ours || !ours->prepared() || ours->variable_bytes() != theirs->variable_bytes()) {
        return Unexpected(ErrorCode::kUnsupported,
                          StrCat(model_->path(), ": subgraph ", i, " keeps variables and has not run here yet"));
      }
      ours->CopyVariablesFrom(*theirs);
    }
    GLIMPSE_RETURN_IF_ERROR(context_.variables.CopyFrom(from.context_.variables));
    context_.initialised = from.context_.initialised;
    return {};
  }

  // Shapes of variables are guessed from what reads them. When an assignment found otherwise, once more without.
  Result<void> Prepare(const std::vector<InputState>& inputs) {
    constexpr int kRounds = 3;
    for (int round = 0;; ++round) {
      GLIMPSE_RETURN_IF_ERROR(main_.Prepare(inputs));
      if (!context_.unsupported.empty() || !context_.variables.TakeBroken()) return {};
      if (round >= kRounds) context_.variables.ExpectAnything();
      for (const auto& runner : context_.runners) {
        if (runner) runner->Release();
      }
    }
  }

  size_t OperatorCount() const {
    size_t count = 0;
    for (const Subgraph& graph : model_->subgraphs()) count += graph.operators.size();
    return count;
  }

  void UpdateView(TensorView& view) const {
    const TensorState& state = main_.state(view.info->index);
    view.shape = state.shape;
    view.data = main_.data(view.info->index);
    view.constant = state.is_constant;
    view.dynamic = state.is_dynamic;
  }

  // What the last invoke gave. Nothing to do, and nothing allocated, when every shape is known beforehand.
  void UpdateViews() {
    if (dynamic_.empty()) return;
    for (const int index : dynamic_) UpdateView(views_[static_cast<size_t>(index)]);
    for (TensorView& output : outputs_) UpdateView(output);
  }

  void UpdatePlan() {
    plan_.clear();
    for (const BoundOperator& op : main_.bound().operators) plan_.push_back(op.plan);
  }

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const PluginHost> plugins_;
  InterpreterOptions options_;
  RunContext context_;
  SubgraphRunner& main_;
  std::vector<TensorView> views_;
  std::vector<TensorView> inputs_;
  std::vector<TensorView> outputs_;
  std::vector<int> dynamic_;  // tensors of the main subgraph
  std::vector<PlannedOperator> plan_;
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
