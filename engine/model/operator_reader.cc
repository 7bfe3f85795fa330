// SPDX-License-Identifier: Apache-2.0
#include "engine/model/operator_reader.h"

#include <algorithm>

#include "engine/model/options_decoder.h"

namespace glimpse {
namespace {

class OperatorReader {
 public:
  OperatorReader(ReadContext& context, const std::vector<OperatorCode>& codes, size_t subgraph, size_t index)
      : context_(context),
        codes_(codes),
        subgraph_(subgraph),
        index_(index),
        graph_(*context.model().subgraphs()->Get(static_cast<uint32_t>(subgraph))),
        wire_(*graph_.operators()->Get(static_cast<uint32_t>(index))) {}

  Result<OperatorInfo> Read() {
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(1, sizeof(OperatorInfo)));
    if (wire_.opcode_index() >= codes_.size()) {
      return context_.Invalid(place(), ".opcode_index is ", wire_.opcode_index(), ", the file has ", codes_.size(),
                              " operator codes");
    }
    const OperatorCode& code = codes_[wire_.opcode_index()];
    info_.index = static_cast<int>(index_);
    info_.op = code.op;
    info_.version = code.version;
    const bool custom = code.code == wire::BuiltinOperator::CUSTOM;
    const auto may_be_absent = [&](size_t i) { return custom || InputMayBeAbsent(code.code, i); };
    GLIMPSE_ASSIGN_OR_RETURN(info_.inputs, ReadIndices("inputs", wire_.inputs(), may_be_absent));
    const auto never = [](size_t) { return false; };
    GLIMPSE_ASSIGN_OR_RETURN(info_.outputs, ReadIndices("outputs", wire_.outputs(), never));
    const auto always = [](size_t) { return true; };
    GLIMPSE_ASSIGN_OR_RETURN(info_.intermediates, ReadIndices("intermediates", wire_.intermediates(), always));
    GLIMPSE_RETURN_IF_ERROR(custom ? ReadCustomOptions() : ReadBuiltinOptions(code.code));
    GLIMPSE_RETURN_IF_ERROR(ReadEngineOptions(code.code));
    return std::move(info_);
  }

 private:
  std::string place() const { return StrCat(context_.Place(subgraph_, "operators", index_)); }

  template <typename MayBeAbsent>
  Result<std::vector<int>> ReadIndices(const char* field, const flatbuffers::Vector<int32_t>* list,
                                       const MayBeAbsent& may_be_absent) {
    const size_t count = CountOf(list);
    const size_t tensors = CountOf(graph_.tensors());
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(count, sizeof(int)));
    std::vector<int> indices;
    indices.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const int32_t tensor = list->Get(static_cast<uint32_t>(i));
      if (tensor == -1 && !may_be_absent(i)) {
        return context_.Invalid(place(), " (", Printable(info_.ShortName()), ").", field, "[", i,
                                "] is -1 (absent), this operator needs it");
      }
      if (tensor < -1 || (tensor >= 0 && static_cast<size_t>(tensor) >= tensors)) {
        return context_.Invalid(place(), ".", field, "[", i, "] is ", tensor, ", there are ", tensors, " tensors");
      }
      indices.push_back(tensor);
    }
    return indices;
  }

  Result<void> ReadBuiltinOptions(wire::BuiltinOperator code) {
    auto options = DecodeOptions(code, wire_);
    if (options) {
      info_.options = std::move(options).value();
      return {};
    }
    const Error& error = options.error();
    const std::string message = StrCat(place(), " (", info_.ShortName(), ").", error.message);
    if (error.code == ErrorCode::kUnsupported) return context_.Unsupported(message);
    return context_.Invalid(message);
  }

  // Operators that the engine computes itself: their options are no kernel's.
  Result<void> ReadEngineOptions(wire::BuiltinOperator code) {
    switch (code) {
      case wire::BuiltinOperator::IF:
        return ReadCalls(wire_.builtin_options_as_IfOptions(), [this](const wire::IfOptions& options) {
          info_.subgraphs = {options.then_subgraph_index(), options.else_subgraph_index()};
        });
      case wire::BuiltinOperator::WHILE:
        return ReadCalls(wire_.builtin_options_as_WhileOptions(), [this](const wire::WhileOptions& options) {
          info_.subgraphs = {options.cond_subgraph_index(), options.body_subgraph_index()};
        });
      case wire::BuiltinOperator::CALL_ONCE:
        return ReadCalls(wire_.builtin_options_as_CallOnceOptions(), [this](const wire::CallOnceOptions& options) {
          info_.subgraphs = {options.init_subgraph_index()};
        });
      case wire::BuiltinOperator::STABLEHLO_COMPOSITE: {
        const auto* options = wire_.builtin_options_2_as_StableHLOCompositeOptions();
        if (options != nullptr) GLIMPSE_RETURN_IF_ERROR(ReadText(options->name(), &info_.composite));
        return ReadCalls(options, [this](const wire::StableHLOCompositeOptions& read) {
          info_.subgraphs = {read.decomposition_subgraph_index()};
        });
      }
      case wire::BuiltinOperator::VAR_HANDLE: {
        const auto* options = wire_.builtin_options_as_VarHandleOptions();
        if (options == nullptr) return {};
        GLIMPSE_RETURN_IF_ERROR(ReadText(options->container(), &info_.container));
        return ReadText(options->shared_name(), &info_.variable);
      }
      default:
        return {};
    }
  }

  Result<void> ReadText(const flatbuffers::String* text, std::string* target) {
    if (text == nullptr) return {};
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(text->size(), 1));
    *target = text->str();
    return {};
  }

  template <typename Options, typename Fill>
  Result<void> ReadCalls(const Options* options, const Fill& fill) {
    if (options == nullptr) {
      return context_.Invalid(place(), " (", info_.ShortName(),
                              ") has no options, or those of another operator; they name the subgraphs that it runs");
    }
    fill(*options);
    const size_t count = CountOf(context_.model().subgraphs());
    for (const int subgraph : info_.subgraphs) {
      if (subgraph >= 0 && static_cast<size_t>(subgraph) < count) continue;
      return context_.Invalid(place(), " (", info_.ShortName(), ") runs subgraph ", subgraph, ", the file has ", count,
                              " subgraphs");
    }
    return {};
  }

  Result<void> ReadCustomOptions() {
    std::span<const std::byte> raw;
    if (wire_.large_custom_options_offset() > 1) {
      GLIMPSE_ASSIGN_OR_RETURN(raw,
                               context_.Slice(wire_.large_custom_options_offset(), wire_.large_custom_options_size(),
                                              StrCat(place(), ".large_custom_options")));
    }
    if (CountOf(wire_.custom_options()) > 0) {
      raw = std::as_bytes(std::span(wire_.custom_options()->data(), wire_.custom_options()->size()));
    }
    if (raw.size() > UINT32_MAX) return context_.Exhausted(place(), ".custom_options has ", raw.size(), " bytes");
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(raw.size(), 1));
    info_.options.assign(raw.begin(), raw.end());
    return {};
  }

  ReadContext& context_;
  const std::vector<OperatorCode>& codes_;
  const size_t subgraph_;
  const size_t index_;
  const wire::SubGraph& graph_;
  const wire::Operator& wire_;
  OperatorInfo info_;
};

}  // namespace

Result<std::vector<OperatorCode>> ReadOperatorCodes(ReadContext& context) {
  const auto* list = context.model().operator_codes();
  const size_t count = CountOf(list);
  GLIMPSE_RETURN_IF_ERROR(context.Charge(count, sizeof(OperatorCode)));
  std::vector<OperatorCode> codes;
  codes.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const wire::OperatorCode& entry = *list->Get(static_cast<uint32_t>(i));
    // The old field holds codes below 127 only, newer ones go into the new field: the larger of both is meant.
    const int32_t number =
        std::max<int32_t>(entry.deprecated_builtin_code(), static_cast<int32_t>(entry.builtin_code()));
    if (number < 0) return context.Invalid("operator_codes[", i, "].builtin_code is ", number, ", codes start at 0");
    OperatorCode code;
    code.code = static_cast<wire::BuiltinOperator>(number);
    code.version = entry.version();
    if (code.version < 1) {
      return context.Invalid("operator_codes[", i, "].version is ", code.version, ", versions start at 1");
    }
    if (code.code == wire::BuiltinOperator::CUSTOM) {
      if (CountOf(entry.custom_code()) == 0) {
        return context.Invalid("operator_codes[", i, "].custom_code is empty, a custom operator needs a name");
      }
      code.op = StrCat("custom.", Printable(entry.custom_code()->string_view()));
    } else {
      const std::string name = wire::EnumNameBuiltinOperator(code.code);
      code.op = StrCat("tflite.", name.empty() ? StrCat("BUILTIN_", number) : name);
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

Result<OperatorInfo> ReadOperator(ReadContext& context, const std::vector<OperatorCode>& codes, size_t subgraph,
                                  size_t index) {
  return OperatorReader(context, codes, subgraph, index).Read();
}

}  // namespace glimpse
