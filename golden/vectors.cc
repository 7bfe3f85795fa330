// SPDX-License-Identifier: Apache-2.0
#include "golden/vectors.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "base/strings.h"

namespace glimpse::golden {
namespace {

size_t ElementCount(const TensorView& tensor) {
  size_t count = 1;
  for (const int32_t dim : tensor.shape) count *= static_cast<size_t>(dim);
  return count;
}

// The digest of a tensor's content; nothing when it has none.
std::optional<Sha256Digest> DigestOfTensor(const TensorView& tensor) {
  if (tensor.info->type == DType::kResource || tensor.data.data() == nullptr) return std::nullopt;
  // The high half of the last byte of an odd number of int4 is nobody's.
  if (tensor.info->type == DType::kInt4 && ElementCount(tensor) % 2 != 0 && !tensor.data.empty()) {
    std::vector<std::byte> content(tensor.data.begin(), tensor.data.end());
    content.back() &= std::byte{0x0f};
    return Sha256(content);
  }
  return Sha256(tensor.data);
}

// Passes each operator on, with its place among all.
class Hook final : public OperatorObserver {
 public:
  Hook(Watcher* watcher, std::function<Result<void>(size_t, const PlannedOperator&)> after)
      : watcher_(watcher), after_(std::move(after)) {}

  void Before(const PlannedOperator& op) override {
    if (watcher_ != nullptr) watcher_->Before(op);
  }
  Result<void> After(const PlannedOperator& op) override { return after_(position_++, op); }
  void Restart() { position_ = 0; }

 private:
  Watcher* watcher_;
  std::function<Result<void>(size_t, const PlannedOperator&)> after_;
  size_t position_ = 0;
};

// Runs samples until the watcher, an error or `done` ends it; variables are reset before and after.
Result<uint64_t> RunSamples(Interpreter& interpreter, const Inputs& inputs, Watcher* watcher, Hook& hook,
                            const std::function<bool()>& done) {
  interpreter.ResetVariables();
  uint64_t sample = 0;
  Result<void> outcome;
  for (; outcome && !done() && sample < inputs.samples; ++sample) {
    if (sample > 0 && watcher != nullptr && !watcher->Continue()) break;
    outcome = LoadSample(inputs, sample, interpreter);
    hook.Restart();
    if (outcome) outcome = interpreter.InvokeObserved(hook);
  }
  interpreter.ResetVariables();
  if (!outcome) return Unexpected(std::move(outcome).error());
  return sample;
}

Difference Describe(const Interpreter& interpreter, const PlannedOperator& op, int tensor, uint64_t sample) {
  return {sample, tensor, op,
          StrCat("operator ", op.info->index, ", ", LayerName(*op.info, interpreter.model().main()), ", computed by ",
                 KernelName(op), ", differs in tensor ", tensor, ", sample ", sample)};
}

Unexpected Misfit(const std::string& text) { return Unexpected(ErrorCode::kInvalidModel, text); }

}  // namespace

std::string LayerName(const OperatorInfo& op, const Subgraph& graph) {
  for (const int index : op.outputs) {
    if (index < 0) continue;
    return StrCat(Printable(op.ShortName(), 60), " '", Printable(graph.tensors[static_cast<size_t>(index)].name, 120),
                  "'");
  }
  return Printable(op.ShortName(), 60);
}

std::string KernelName(const PlannedOperator& op) {
  if (op.impl.empty()) return "no kernel";
  std::string text = StrCat("kernel ", Printable(op.impl, 120), " of plugin ", Printable(op.plugin, 60));
  if (!op.plugin_path.empty()) text += StrCat(" (", op.plugin_path, ")");
  return text;
}

Result<Vectors> Record(Interpreter& interpreter, Inputs inputs, Watcher* watcher) {
  Vectors vectors;
  vectors.model = interpreter.model().sha256();
  vectors.numerics = interpreter.options().numerics;
  vectors.kernels = interpreter.options().kernels.ToString();
  for (const OperatorInfo& op : interpreter.model().main().operators) {
    OperatorDigests& digests = vectors.operators.emplace_back();
    digests.op = op.ShortName();
    for (const int index : op.outputs) {
      if (index >= 0) digests.outputs.push_back({index, {}});
    }
  }
  Hook hook(watcher, [&](size_t position, const PlannedOperator&) -> Result<void> {
    for (OutputDigests& output : vectors.operators[position].outputs) {
      output.samples.push_back(DigestOfTensor(interpreter.tensor(output.tensor)));
    }
    return {};
  });
  GLIMPSE_ASSIGN_OR_RETURN(const uint64_t samples,
                           RunSamples(interpreter, inputs, watcher, hook, [] { return false; }));
  inputs.samples = samples;
  if (!inputs.seeded) inputs.data.resize(static_cast<size_t>(samples));
  vectors.inputs = std::move(inputs);
  return vectors;
}

Result<Comparison> Compare(Interpreter& interpreter, const Vectors& vectors, Watcher* watcher) {
  Comparison comparison;
  uint64_t sample = 0;
  uint64_t compared = 0;
  Hook hook(watcher, [&](size_t position, const PlannedOperator& op) -> Result<void> {
    if (position == 0) compared = 0;
    const bool last = position + 1 == interpreter.plan().size();
    if (!comparison.difference && position < vectors.operators.size()) {
      bool all = true;
      for (const OutputDigests& output : vectors.operators[position].outputs) {
        const auto ours = DigestOfTensor(interpreter.tensor(output.tensor));
        const auto& expected = output.samples[static_cast<size_t>(sample)];
        all = all && ours && expected;
        if (!ours || !expected || *ours == *expected) continue;
        comparison.difference = Describe(interpreter, op, output.tensor, sample);
        break;
      }
      compared += all;
    }
    if (last) {
      ++sample;
      comparison.operators = compared;
    }
    return {};
  });
  GLIMPSE_ASSIGN_OR_RETURN(comparison.samples, RunSamples(interpreter, vectors.inputs, watcher, hook,
                                                          [&] { return comparison.difference.has_value(); }));
  return comparison;
}

Result<void> CheckFit(const Vectors& vectors, const Interpreter& interpreter) {
  const Model& model = interpreter.model();
  if (vectors.model != model.sha256()) {
    return Misfit(StrCat("is of another model (", Printable(vectors.model, 80), "), not of ", model.path(),
                         ", which is ", model.sha256()));
  }
  if (vectors.numerics != interpreter.options().numerics) {
    return Misfit(
        StrCat("is of the profile ", Printable(vectors.numerics, 60), ", not of ", interpreter.options().numerics));
  }
  if (!vectors.inputs.seeded) {
    for (const auto& sample : vectors.inputs.data) {
      if (sample.size() != interpreter.inputs().size()) {
        return Misfit(StrCat("has ", sample.size(), " inputs, the model ", interpreter.inputs().size()));
      }
      for (size_t i = 0; i < sample.size(); ++i) {
        if (sample[i].size() == interpreter.inputs()[i].data.size()) continue;
        return Misfit(StrCat("input ", i, " has ", sample[i].size(), " bytes, the model's has ",
                             interpreter.inputs()[i].data.size()));
      }
    }
  }
  if (vectors.operators.empty()) return {};
  const std::vector<OperatorInfo>& operators = model.main().operators;
  if (vectors.operators.size() != operators.size()) {
    return Misfit(StrCat("has ", vectors.operators.size(), " operators, the model ", operators.size()));
  }
  for (size_t i = 0; i < operators.size(); ++i) {
    std::vector<int> expected;
    std::copy_if(operators[i].outputs.begin(), operators[i].outputs.end(), std::back_inserter(expected),
                 [](int index) { return index >= 0; });
    std::vector<int> given;
    for (const OutputDigests& output : vectors.operators[i].outputs) given.push_back(output.tensor);
    if (vectors.operators[i].op != operators[i].ShortName() || given != expected) {
      return Misfit(StrCat("operators[", i, "] is ", Printable(vectors.operators[i].op, 60), " with outputs [",
                           StrJoin(given, ", "), "], the model has ", Printable(operators[i].ShortName(), 60),
                           " with [", StrJoin(expected, ", "), "]"));
    }
  }
  return {};
}

}  // namespace glimpse::golden
