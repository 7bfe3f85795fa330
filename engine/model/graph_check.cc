// SPDX-License-Identifier: Apache-2.0
#include "engine/model/graph_check.h"

#include <algorithm>

namespace glimpse {
namespace {

bool HasNoElements(const TensorInfo& tensor) {
  return std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
}

class GraphCheck {
 public:
  GraphCheck(const ReadContext& context, size_t subgraph, Subgraph* graph)
      : context_(context), subgraph_(subgraph), graph_(*graph), origins_(graph->tensors.size()) {}

  Result<void> Check() {
    GLIMPSE_RETURN_IF_ERROR(DefineInputs());
    DefineEmptyTensors();
    for (const OperatorInfo& op : graph_.operators) {
      GLIMPSE_RETURN_IF_ERROR(CheckInputs(op));
      GLIMPSE_RETURN_IF_ERROR(DefineOutputs(op));
    }
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const int tensor = graph_.outputs[i];
      if (!Defined(tensor)) {
        return context_.Invalid(context_.Prefix(subgraph_), "outputs[", i, "] is ", tensor, ", and nothing produces ",
                                TensorText(tensor));
      }
    }
    return {};
  }

 private:
  static constexpr int kNone = -1;
  static constexpr int kGraphInput = -2;

  const TensorInfo& tensor(int index) const { return graph_.tensors[static_cast<size_t>(index)]; }
  // Index of the operator that produced it, or one of the constants above.
  int& origin(int index) { return origins_[static_cast<size_t>(index)].value; }

  bool Defined(int index) { return origin(index) != kNone || tensor(index).is_constant || tensor(index).is_variable; }

  std::string TensorText(int index) const {
    return StrCat("tensors[", index, "] (", Printable(tensor(index).name), ")");
  }
  std::string OperatorText(const OperatorInfo& op) const {
    return StrCat(context_.Place(subgraph_, "operators", static_cast<size_t>(op.index)), " (",
                  Printable(op.ShortName()), ")");
  }

  Result<void> DefineInputs() {
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      const int index = graph_.inputs[i];
      if (tensor(index).is_constant) {
        return context_.Invalid(context_.Prefix(subgraph_), "inputs[", i, "] is ", index, ", and ", TensorText(index),
                                " is a constant");
      }
      if (origin(index) == kGraphInput) {
        return context_.Invalid(context_.Prefix(subgraph_), "inputs[", i, "] is ", index,
                                ", which is an input already");
      }
      origin(index) = kGraphInput;
    }
    return {};
  }

  void DefineEmptyTensors() {
    std::vector<bool> produced(graph_.tensors.size());
    for (const OperatorInfo& op : graph_.operators) {
      for (const int output : op.outputs) produced[static_cast<size_t>(output)] = true;
    }
    for (TensorInfo& info : graph_.tensors) {
      const auto i = static_cast<size_t>(info.index);
      if (HasNoElements(info) && !produced[i] && origins_[i].value == kNone && !info.is_variable)
        info.is_constant = true;
    }
  }

  Result<void> CheckInputs(const OperatorInfo& op) {
    for (size_t i = 0; i < op.inputs.size(); ++i) {
      const int index = op.inputs[i];
      if (index == -1 || Defined(index)) continue;
      return context_.Invalid(OperatorText(op), ".inputs[", i, "] is ", index, ", and ", TensorText(index),
                              " is no constant, variable or input, nor made by an earlier operator");
    }
    return {};
  }

  Result<void> DefineOutputs(const OperatorInfo& op) {
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      const int index = op.outputs[i];
      std::string taken;
      if (tensor(index).is_constant) {
        taken = "is a constant";
      } else if (origin(index) == kGraphInput) {
        taken = "is an input of the graph";
      } else if (origin(index) != kNone) {
        taken = StrCat("is made by operators[", origin(index), "] already");
      } else if (std::find(op.inputs.begin(), op.inputs.end(), index) != op.inputs.end()) {
        taken = "is an input of the same operator";
      }
      if (!taken.empty()) {
        return context_.Invalid(OperatorText(op), ".outputs[", i, "] is ", index, ", and ", TensorText(index), " ",
                                taken);
      }
      origin(index) = op.index;
    }
    return {};
  }

  struct Origin {
    int value = kNone;
  };
  const ReadContext& context_;
  const size_t subgraph_;
  Subgraph& graph_;
  std::vector<Origin> origins_;
};

}  // namespace

Result<void> CheckGraph(const ReadContext& context, size_t subgraph, Subgraph* graph) {
  return GraphCheck(context, subgraph, graph).Check();
}

}  // namespace glimpse
