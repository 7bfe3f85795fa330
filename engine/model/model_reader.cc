// SPDX-License-Identifier: Apache-2.0
#include "engine/model/model_reader.h"

#include <algorithm>

#include "engine/model/buffer_reader.h"
#include "engine/model/call_check.h"
#include "engine/model/damage_locator.h"
#include "engine/model/element_types.h"
#include "engine/model/graph_check.h"
#include "engine/model/model_impl.h"
#include "engine/model/operator_reader.h"
#include "engine/model/read_context.h"
#include "engine/model/tensor_reader.h"

namespace glimpse {
namespace {

constexpr uint32_t kFormatVersion = 3;
// The deepest chain of tables in the schema has 6 links; the verifier counts vectors too.
constexpr uint32_t kMaxDepth = 16;
// Tables that the verifier visits, shared ones each time. A subgraph at the limit of tensors and operators needs about
// 400,000.
constexpr uint32_t kMaxTables = 1'000'000;
// Offset of the file identifier, and where the root table may begin at the earliest.
constexpr size_t kIdentifierAt = 4;
constexpr size_t kShortestFileBytes = 8;

Result<const wire::Model*> VerifyFlatbuffer(const std::string& path, std::span<const std::byte> file) {
  const auto invalid = [&](const auto&... parts) {
    return Unexpected(ErrorCode::kInvalidModel, StrCat(Printable(path), ": ", parts...));
  };
  if (file.size() < kShortestFileBytes) return invalid("has ", file.size(), " bytes, too short for a .tflite file");
  const auto* bytes = reinterpret_cast<const uint8_t*>(file.data());
  if (!wire::ModelBufferHasIdentifier(bytes)) {
    const std::string_view identifier(reinterpret_cast<const char*>(bytes) + kIdentifierAt, 4);
    return invalid("is no .tflite file: bytes 4 to 7 are \"", Printable(identifier), "\" instead of \"",
                   wire::ModelIdentifier(), "\"");
  }
  // Offsets are 32 bits wide: data of larger files lies behind the flatbuffer, which is all that is verified here.
  const size_t length = std::min<size_t>(file.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  flatbuffers::Verifier verifier(bytes, length, kMaxDepth, kMaxTables);
  if (wire::VerifyModelBuffer(verifier)) return wire::GetModel(bytes);
  const std::string damage = LocateDamage(file.first(length));
  if (!damage.empty()) return invalid(damage, "; the file is damaged or truncated");
  return Unexpected(ErrorCode::kExhausted, StrCat(Printable(path), ": has more than ", kMaxTables,
                                                  " tables, or tables nested more than ", kMaxDepth, " deep"));
}

class SubgraphReader {
 public:
  SubgraphReader(ReadContext& context, BufferReader& buffers, const std::vector<OperatorCode>& codes, size_t index)
      : context_(context),
        buffers_(buffers),
        codes_(codes),
        index_(index),
        wire_(*context.model().subgraphs()->Get(static_cast<uint32_t>(index))) {}

  // `unsupported`: for each tensor why nobody can compute with it, or "".
  Result<Subgraph> Read(std::vector<std::string>* unsupported) {
    GLIMPSE_RETURN_IF_ERROR(CheckCounts());
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(1, sizeof(Subgraph)));
    if (wire_.name() != nullptr) {
      GLIMPSE_RETURN_IF_ERROR(context_.Charge(wire_.name()->size(), 1));
      graph_.name = wire_.name()->str();
    }
    const std::vector<DType> types = ElementTypes(context_, codes_, index_);
    for (size_t i = 0; i < types.size(); ++i) {
      GLIMPSE_ASSIGN_OR_RETURN(ReadTensorResult tensor, ReadTensor(context_, buffers_, index_, i, types[i]));
      graph_.tensors.push_back(std::move(tensor.info));
      unsupported->push_back(std::move(tensor.unsupported));
    }
    GLIMPSE_ASSIGN_OR_RETURN(graph_.inputs, ReadIndices("inputs", wire_.inputs()));
    GLIMPSE_ASSIGN_OR_RETURN(graph_.outputs, ReadIndices("outputs", wire_.outputs()));
    for (size_t i = 0; i < CountOf(wire_.operators()); ++i) {
      GLIMPSE_ASSIGN_OR_RETURN(OperatorInfo op, ReadOperator(context_, codes_, index_, i));
      graph_.operators.push_back(std::move(op));
    }
    GLIMPSE_RETURN_IF_ERROR(CheckGraph(context_, index_, &graph_));
    return std::move(graph_);
  }

 private:
  Result<void> CheckCounts() const {
    const size_t tensors = CountOf(wire_.tensors());
    const size_t operators = CountOf(wire_.operators());
    const std::string place = StrCat("subgraphs[", index_, "]");
    if (tensors == 0) return context_.Invalid(place, ".tensors is empty, a model has at least one tensor");
    if (tensors > context_.limits().tensors) {
      return context_.Exhausted(place, " has ", tensors, " tensors, the limit (tensors) is ",
                                context_.limits().tensors);
    }
    if (operators > context_.limits().operators) {
      return context_.Exhausted(place, " has ", operators, " operators, the limit (operators) is ",
                                context_.limits().operators);
    }
    return {};
  }

  Result<std::vector<int>> ReadIndices(const char* field, const flatbuffers::Vector<int32_t>* list) {
    const size_t count = CountOf(list);
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(count, sizeof(int)));
    std::vector<int> indices;
    for (size_t i = 0; i < count; ++i) {
      const int32_t tensor = list->Get(static_cast<uint32_t>(i));
      if (tensor < 0 || static_cast<size_t>(tensor) >= graph_.tensors.size()) {
        return context_.Invalid(context_.Prefix(index_), field, "[", i, "] is ", tensor, ", there are ",
                                graph_.tensors.size(), " tensors");
      }
      indices.push_back(tensor);
    }
    return indices;
  }

  ReadContext& context_;
  BufferReader& buffers_;
  const std::vector<OperatorCode>& codes_;
  const size_t index_;
  const wire::SubGraph& wire_;
  Subgraph graph_;
};

// Tensors that cannot be computed with matter only where a graph that runs touches them; all are listed.
Result<void> CheckSupported(const ReadContext& context, const Subgraph& graph, size_t index,
                            const std::vector<std::string>& reasons) {
  std::vector<bool> used(graph.tensors.size());
  const auto mark = [&](const std::vector<int>& list) {
    for (const int tensor : list) {
      if (tensor >= 0) used[static_cast<size_t>(tensor)] = true;
    }
  };
  mark(graph.inputs);
  mark(graph.outputs);
  for (const OperatorInfo& op : graph.operators) {
    mark(op.inputs);
    mark(op.outputs);
  }
  std::vector<std::string> problems;
  const auto add = [&](size_t tensor, const std::string& reason) {
    problems.push_back(
        StrCat(context.Place(index, "tensors", tensor), " (", Printable(graph.tensors[tensor].name), ") ", reason));
  };
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (used[i] && !reasons[i].empty()) add(i, reasons[i]);
  }
  for (const std::vector<int>* list : {&graph.inputs, &graph.outputs}) {
    for (const int tensor : *list) {
      const auto i = static_cast<size_t>(tensor);
      if (index == 0 && graph.tensors[i].type == DType::kResource)
        add(i, "is a resource that enters or leaves the model");
    }
  }
  if (problems.empty()) return {};
  return context.Unsupported("not supported: ", StrJoin(problems, "; "));
}

Result<void> CheckSignature(const ReadContext& context, size_t index) {
  const wire::SignatureDef& signature = *context.model().signature_defs()->Get(static_cast<uint32_t>(index));
  const size_t subgraphs = CountOf(context.model().subgraphs());
  if (signature.subgraph_index() >= subgraphs) {
    return context.Invalid("signature_defs[", index, "].subgraph_index is ", signature.subgraph_index(),
                           ", the file has ", subgraphs, " subgraphs");
  }
  const size_t tensors = CountOf(context.model().subgraphs()->Get(signature.subgraph_index())->tensors());
  const auto check = [&](const char* field, const auto* list) -> Result<void> {
    for (size_t i = 0; i < CountOf(list); ++i) {
      const uint32_t tensor = list->Get(static_cast<uint32_t>(i))->tensor_index();
      if (tensor < tensors) continue;
      return context.Invalid("signature_defs[", index, "].", field, "[", i, "].tensor_index is ", tensor,
                             ", there are ", tensors, " tensors");
    }
    return {};
  };
  GLIMPSE_RETURN_IF_ERROR(check("inputs", signature.inputs()));
  return check("outputs", signature.outputs());
}

}  // namespace

Result<void> ModelReader::Read(const Limits& limits, Model::Impl* impl) {
  const std::span<const std::byte> file = impl->file.span();
  GLIMPSE_ASSIGN_OR_RETURN(const wire::Model* model, VerifyFlatbuffer(impl->path, file));
  ReadContext context(impl->path, limits, file, *model);
  if (model->version() != kFormatVersion) {
    return context.Unsupported("version is ", model->version(), ", only version ", kFormatVersion, " is supported");
  }
  if (model->description() != nullptr) impl->description = model->description()->str();
  BufferReader buffers(context, impl->copies);
  GLIMPSE_RETURN_IF_ERROR(buffers.ReadAll());
  GLIMPSE_ASSIGN_OR_RETURN(const std::vector<OperatorCode> codes, ReadOperatorCodes(context));
  if (CountOf(model->subgraphs()) == 0) return context.Invalid("subgraphs is empty, a model has at least one");
  std::vector<std::vector<std::string>> unsupported(model->subgraphs()->size());
  for (size_t i = 0; i < unsupported.size(); ++i) {
    GLIMPSE_ASSIGN_OR_RETURN(Subgraph graph, SubgraphReader(context, buffers, codes, i).Read(&unsupported[i]));
    impl->subgraphs.push_back(std::move(graph));
  }
  GLIMPSE_ASSIGN_OR_RETURN(const std::vector<int> called, CheckCalls(context, impl->subgraphs));
  for (const int index : called) {
    const auto i = static_cast<size_t>(index);
    GLIMPSE_RETURN_IF_ERROR(CheckSupported(context, impl->subgraphs[i], i, unsupported[i]));
  }
  for (size_t i = 0; i < CountOf(model->metadata()); ++i) {
    const wire::Metadata& entry = *model->metadata()->Get(static_cast<uint32_t>(i));
    if (entry.buffer() >= buffers.count()) {
      return context.Invalid("metadata[", i, "].buffer is ", entry.buffer(), ", the file has ", buffers.count(),
                             " buffers");
    }
    if (entry.name() == nullptr) continue;
    GLIMPSE_RETURN_IF_ERROR(context.Charge(entry.name()->size(), 1));
    impl->metadata.emplace(entry.name()->str(), buffers.content(entry.buffer()));
  }
  for (size_t i = 0; i < CountOf(model->signature_defs()); ++i) GLIMPSE_RETURN_IF_ERROR(CheckSignature(context, i));
  return {};
}

}  // namespace glimpse
