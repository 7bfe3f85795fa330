// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/model_invariants.h"

#include <cmath>
#include <set>

#include "base/strings.h"
#include "engine/model/metadata.h"

namespace glimpse::testkit {
namespace {

// Keeps reads from being optimised away.
volatile unsigned char g_sink;

void ReadAll(const std::byte* begin, size_t bytes) {
  unsigned char sum = 0;
  for (size_t i = 0; i < bytes; ++i) sum = static_cast<unsigned char>(sum ^ std::to_integer<unsigned char>(begin[i]));
  g_sink = sum;
}

std::string Quantized(const TensorInfo& tensor) {
  const Quantization& q = tensor.quantization;
  if (q.zero_points.size() != q.scales.size()) return "as many zero points as scales";
  if (q.scales.empty()) return "";
  if (!IsInteger(tensor.type)) return "no scales on a type without integer values";
  for (size_t i = 0; i < q.scales.size(); ++i) {
    if (!(q.scales[i] > 0) || std::isinf(q.scales[i])) return "positive finite scales";
    const IntegerRange range = DTypeRange(tensor.type);
    if (q.zero_points[i] < range.min || q.zero_points[i] > range.max) return "zero points inside the type";
  }
  if (q.scales.size() == 1) return "";
  if (q.axis < 0 || static_cast<size_t>(q.axis) >= tensor.shape.size()) return "an axis inside the rank";
  if (static_cast<size_t>(tensor.shape[static_cast<size_t>(q.axis)]) != q.scales.size())
    return "a scale for each entry";
  return "";
}

// `touched`: an operator that may run reads or writes it, or it enters or leaves the subgraph.
std::string Sized(const TensorInfo& tensor, bool touched) {
  long double elements = 1;
  for (const int32_t dimension : tensor.shape) {
    if (dimension < 0) return "dimensions that are not negative";
    elements *= dimension;
  }
  const long double bits = elements * static_cast<long double>(DTypeBits(tensor.type));
  if (static_cast<long double>(tensor.size_bytes) != std::ceil(bits / 8)) return "size_bytes as shape and type say";
  if (!tensor.shape_signature.empty() && tensor.shape_signature.size() != tensor.shape.size())
    return "a signature of equal rank";
  if (!tensor.is_constant) return tensor.data.empty() ? "" : "no content but a constant's";
  if (!touched && tensor.data.empty()) return "";
  if (tensor.data.size() != tensor.size_bytes) return "as much content as the shape says";
  if (reinterpret_cast<uintptr_t>(tensor.data.data()) % 16 != 0) return "aligned content";
  ReadAll(tensor.data.data(), tensor.data.size() + (tensor.data.empty() ? 0 : GLIMPSE_TAIL_BYTES));
  return "";
}

// The subgraphs that may run, from the main one on.
std::set<size_t> Reachable(const std::vector<Subgraph>& graphs) {
  std::set<size_t> found{0};
  std::vector<size_t> open{0};
  while (!open.empty()) {
    const Subgraph& graph = graphs[open.back()];
    open.pop_back();
    for (const OperatorInfo& op : graph.operators) {
      for (const int called : op.subgraphs) {
        const auto index = static_cast<size_t>(called);
        if (called >= 0 && index < graphs.size() && found.insert(index).second) open.push_back(index);
      }
    }
  }
  return found;
}

std::set<int> Touched(const Subgraph& graph) {
  std::set<int> found(graph.inputs.begin(), graph.inputs.end());
  found.insert(graph.outputs.begin(), graph.outputs.end());
  for (const OperatorInfo& op : graph.operators) {
    found.insert(op.inputs.begin(), op.inputs.end());
    found.insert(op.outputs.begin(), op.outputs.end());
  }
  return found;
}

std::string Graph(const Subgraph& graph, size_t subgraphs) {
  const auto exists = [&](int index) { return index >= 0 && static_cast<size_t>(index) < graph.tensors.size(); };
  std::set<int> defined(graph.inputs.begin(), graph.inputs.end());
  if (defined.size() != graph.inputs.size()) return "inputs listed once";
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const TensorInfo& tensor = graph.tensors[i];
    if (tensor.index != static_cast<int>(i)) return "tensors that know their index";
    if (tensor.is_constant || tensor.is_variable) defined.insert(tensor.index);
  }
  std::set<int> produced;
  for (const OperatorInfo& op : graph.operators) {
    if (op.version < 1) return "versions of 1 and more";
    for (const int input : op.inputs) {
      if (input != -1 && (!exists(input) || !defined.contains(input))) return "inputs that exist and are defined";
    }
    for (const int output : op.outputs) {
      if (!exists(output)) return "outputs that exist";
      if (graph.tensors[static_cast<size_t>(output)].is_constant) return "no constant as an output";
      if (!produced.insert(output).second) return "one producer for each tensor";
      defined.insert(output);
    }
    ReadAll(op.options.data(), op.options.size());
    for (const int called : op.subgraphs) {
      if (called < 0 || static_cast<size_t>(called) >= subgraphs) return "calls of subgraphs that exist";
    }
  }
  for (const int output : graph.outputs) {
    if (!exists(output) || !defined.contains(output)) return "outputs of the graph that are defined";
  }
  return "";
}

// Damaged metadata is an error of its own, and so is a damaged archive; what is read must be sound.
std::string Metadata(const Model& model) {
  const auto metadata = ReadMetadata(model);
  if (!metadata || !*metadata) return "";
  for (const TensorMetadata& tensor : (*metadata)->inputs) {
    if (!tensor.normalisation) continue;
    if (tensor.normalisation->mean.size() != tensor.normalisation->std.size()) return "as many means as stds";
    for (const float std : tensor.normalisation->std) {
      if (!std::isfinite(std) || std <= 0) return "stds above 0";
    }
  }
  constexpr size_t kMost = 64;
  for (const TensorMetadata& tensor : (*metadata)->outputs) {
    for (const AssociatedFile& file : tensor.files) {
      const auto content = ReadAssociatedFile(model, file.name, kMost);
      if (content && content->size() > kMost) return "no file larger than asked for";
    }
  }
  return "";
}

}  // namespace

std::string BrokenPromise(const Model& model) {
  if (model.subgraphs().empty()) return "a main subgraph";
  const std::set<size_t> reachable = Reachable(model.subgraphs());
  for (size_t i = 0; i < model.subgraphs().size(); ++i) {
    const Subgraph& graph = model.subgraphs()[i];
    const std::set<int> touched = reachable.contains(i) ? Touched(graph) : std::set<int>();
    for (const TensorInfo& tensor : graph.tensors) {
      std::string broken = Quantized(tensor);
      if (broken.empty()) broken = Sized(tensor, touched.contains(tensor.index));
      if (!broken.empty()) return StrCat("tensor ", tensor.index, ": ", broken);
    }
    if (const std::string broken = Graph(graph, model.subgraphs().size()); !broken.empty()) return broken;
  }
  const auto note = model.metadata("note");
  ReadAll(note.data(), note.size());
  return Metadata(model);
}

}  // namespace glimpse::testkit
