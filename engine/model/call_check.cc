// SPDX-License-Identifier: Apache-2.0
#include "engine/model/call_check.h"

#include <algorithm>

namespace glimpse {
namespace {

// The runner calls itself for each level.
constexpr size_t kMaxCallDepth = 64;

class CallCheck {
 public:
  CallCheck(const ReadContext& context, const std::vector<Subgraph>& graphs)
      : context_(context), graphs_(graphs), seen_(graphs.size(), State::kNew), depth_(graphs.size()) {}

  Result<std::vector<int>> Check() {
    GLIMPSE_RETURN_IF_ERROR(Visit(0, 0));
    return std::move(called_);
  }

 private:
  enum class State { kNew, kOpen, kDone };

  std::string Place(size_t graph, const OperatorInfo& op) const {
    return StrCat(context_.Place(graph, "operators", static_cast<size_t>(op.index)), " (", op.ShortName(), ")");
  }

  // Depth first; `level` bounds the recursion. depth_ is how deep calls nest below a subgraph.
  Result<void> Visit(size_t graph, size_t level) {
    seen_[graph] = State::kOpen;
    called_.push_back(static_cast<int>(graph));
    for (const OperatorInfo& op : graphs_[graph].operators) {
      if (!op.subgraphs.empty()) GLIMPSE_RETURN_IF_ERROR(CheckOperator(graph, op));
      for (const int called : op.subgraphs) {
        const auto callee = static_cast<size_t>(called);
        if (seen_[callee] == State::kOpen) {
          return context_.Invalid(Place(graph, op), " runs subgraph ", called,
                                  ", which leads back to this operator: subgraphs must not run themselves");
        }
        if (level >= kMaxCallDepth) {
          return context_.Exhausted(Place(graph, op), ": calls of subgraphs nest more than ", kMaxCallDepth, " deep");
        }
        if (seen_[callee] == State::kNew) GLIMPSE_RETURN_IF_ERROR(Visit(callee, level + 1));
        depth_[graph] = std::max(depth_[graph], depth_[callee] + 1);
      }
    }
    if (level + depth_[graph] > kMaxCallDepth) {
      return context_.Exhausted("subgraphs[", graph, "]: calls of subgraphs nest more than ", kMaxCallDepth, " deep");
    }
    seen_[graph] = State::kDone;
    return {};
  }

  Result<void> CheckOperator(size_t graph, const OperatorInfo& op) {
    const auto fail = [&](const auto&... parts) { return context_.Invalid(Place(graph, op), parts...); };
    if (std::any_of(op.inputs.begin(), op.inputs.end(), [](int index) { return index < 0; })) {
      return fail(": an input is -1 (absent), this operator needs all");
    }
    const std::span<const int> inputs = op.inputs;
    if (op.op == "tflite.IF") {
      if (inputs.empty() || TypeOf(graph, inputs[0]) != DType::kBool) return fail(": input 0 is no bool condition");
      for (const int branch : op.subgraphs) {
        GLIMPSE_RETURN_IF_ERROR(CheckCall(graph, op, branch, inputs.subspan(1), op.outputs));
      }
      return {};
    }
    if (op.op != "tflite.WHILE") return CheckCall(graph, op, op.subgraphs[0], inputs, op.outputs);
    if (op.subgraphs[0] == op.subgraphs[1]) return fail(": condition and body are one subgraph");
    GLIMPSE_RETURN_IF_ERROR(CheckCall(graph, op, op.subgraphs[1], inputs, op.outputs));
    if (inputs.size() != op.outputs.size()) {
      return fail(" has ", inputs.size(), " inputs and ", op.outputs.size(), " outputs, a loop has as many of both");
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (TypeOf(graph, inputs[i]) != TypeOf(graph, op.outputs[i])) {
        return fail(": input ", i, " and output ", i, " have different types");
      }
    }
    const auto condition = static_cast<size_t>(op.subgraphs[0]);
    const std::vector<int>& results = graphs_[condition].outputs;
    if (results.size() != 1 || TypeOf(condition, results[0]) != DType::kBool) {
      return fail(": its condition, subgraph ", condition, ", does not give one bool");
    }
    return CheckSide(graph, op, condition, "inputs", inputs, graphs_[condition].inputs);
  }

  Result<void> CheckCall(size_t graph, const OperatorInfo& op, int callee, std::span<const int> inputs,
                         std::span<const int> outputs) {
    const auto index = static_cast<size_t>(callee);
    GLIMPSE_RETURN_IF_ERROR(CheckSide(graph, op, index, "inputs", inputs, graphs_[index].inputs));
    return CheckSide(graph, op, index, "outputs", outputs, graphs_[index].outputs);
  }

  Result<void> CheckSide(size_t graph, const OperatorInfo& op, size_t callee, const char* side,
                         std::span<const int> given, std::span<const int> taken) const {
    if (given.size() != taken.size()) {
      return context_.Invalid(Place(graph, op), " has ", given.size(), " ", side, " for subgraph ", callee,
                              ", which has ", taken.size());
    }
    for (size_t i = 0; i < given.size(); ++i) {
      const DType mine = TypeOf(graph, given[i]);
      const DType theirs = TypeOf(callee, taken[i]);
      if (mine == theirs) continue;
      return context_.Invalid(Place(graph, op), ": ", side, "[", i, "] is ", DTypeName(mine), ", subgraph ", callee,
                              " has ", DTypeName(theirs), " there");
    }
    return {};
  }

  DType TypeOf(size_t graph, int tensor) const { return graphs_[graph].tensors[static_cast<size_t>(tensor)].type; }

  const ReadContext& context_;
  const std::vector<Subgraph>& graphs_;
  std::vector<State> seen_;
  std::vector<size_t> depth_;
  std::vector<int> called_;
};

}  // namespace

Result<std::vector<int>> CheckCalls(const ReadContext& context, const std::vector<Subgraph>& graphs) {
  return CallCheck(context, graphs).Check();
}

}  // namespace glimpse
