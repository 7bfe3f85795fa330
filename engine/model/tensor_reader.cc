// SPDX-License-Identifier: Apache-2.0
#include "engine/model/tensor_reader.h"

#include <algorithm>

#include "engine/model/quantization_reader.h"

namespace glimpse {
namespace {

// Shapes longer than this are damage; those between GLIMPSE_MAX_RANK and this are merely not supported.
constexpr size_t kSaneRank = 64;

std::string ShapeText(const std::vector<int32_t>& shape) { return StrCat("[", StrJoin(shape, ", "), "]"); }

class TensorReader {
 public:
  TensorReader(ReadContext& context, BufferReader& buffers, size_t subgraph, size_t index, DType type)
      : context_(context),
        buffers_(buffers),
        subgraph_(subgraph),
        index_(index),
        type_(type),
        wire_(*context.model()
                   .subgraphs()
                   ->Get(static_cast<uint32_t>(subgraph))
                   ->tensors()
                   ->Get(static_cast<uint32_t>(index))) {}

  Result<ReadTensorResult> Read() {
    TensorInfo& info = result_.info;
    info.index = static_cast<int>(index_);
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(1, sizeof(TensorInfo)));
    if (wire_.name() != nullptr) {
      GLIMPSE_RETURN_IF_ERROR(context_.Charge(wire_.name()->size(), 1));
      info.name = wire_.name()->str();
    }
    info.is_variable = wire_.is_variable();
    info.type = type_;
    if (DTypeBits(info.type) == 0) NotSupported(StrCat("has type ", TypeText()));
    GLIMPSE_RETURN_IF_ERROR(ReadShape());
    GLIMPSE_RETURN_IF_ERROR(ReadSignature());
    GLIMPSE_RETURN_IF_ERROR(ReadContent());
    GLIMPSE_ASSIGN_OR_RETURN(const std::string kind, ReadQuantization(context_, subgraph_, wire_, place(), &info));
    if (!kind.empty()) NotSupported(kind);
    return std::move(result_);
  }

 private:
  std::string place() const { return context_.Place(subgraph_, "tensors", index_); }

  std::string TypeText() const {
    const bool known = *wire::EnumNameTensorType(wire_.type()) != '\0';
    return known ? std::string(DTypeName(result_.info.type)) : StrCat("number ", static_cast<int>(wire_.type()));
  }

  // The first reason is the one that is reported.
  void NotSupported(std::string reason) {
    if (result_.unsupported.empty()) result_.unsupported = std::move(reason);
  }

  Result<void> ReadShape() {
    TensorInfo& info = result_.info;
    const size_t rank = CountOf(wire_.shape());
    if (rank > kSaneRank) return context_.Invalid(place(), ".shape has ", rank, " dimensions, at most ", kSaneRank);
    if (rank > GLIMPSE_MAX_RANK) {
      NotSupported(StrCat("has ", rank, " dimensions, more than ", GLIMPSE_MAX_RANK));
    }
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(rank, sizeof(int32_t)));
    for (size_t d = 0; d < rank; ++d) {
      const int32_t dimension = wire_.shape()->Get(static_cast<uint32_t>(d));
      if (dimension < -1) {
        return context_.Invalid(place(), ".shape[", d, "] is ", dimension, ", it must be 0 or more, or -1 for dynamic");
      }
      info.shape.push_back(dimension == -1 ? 1 : dimension);
    }
    const auto elements = ElementCount(info.shape);
    const auto bytes = elements ? DTypeBytes(info.type, *elements) : std::nullopt;
    if (!bytes)
      return context_.Invalid(place(), ".shape is ", ShapeText(info.shape), ", more elements than can be counted");
    if (*bytes > context_.limits().tensor_bytes) {
      return context_.Exhausted(place(), " (", Printable(info.name), ") has ", *bytes,
                                " bytes, the limit (tensor_bytes) is ", context_.limits().tensor_bytes);
    }
    info.size_bytes = std::find(info.shape.begin(), info.shape.end(), 0) == info.shape.end() ? *bytes : 0;
    return {};
  }

  Result<void> ReadSignature() {
    TensorInfo& info = result_.info;
    const size_t rank = CountOf(wire_.shape_signature());
    if (rank == 0) return {};
    if (rank != info.shape.size()) {
      return context_.Invalid(place(), ".shape_signature has ", rank, " dimensions, shape has ", info.shape.size());
    }
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(rank, sizeof(int32_t)));
    for (size_t d = 0; d < rank; ++d) {
      const int32_t dimension = wire_.shape_signature()->Get(static_cast<uint32_t>(d));
      if (dimension < -1) {
        return context_.Invalid(place(), ".shape_signature[", d, "] is ", dimension,
                                ", it must be 0 or more, or -1 for dynamic");
      }
      info.shape_signature.push_back(dimension);
    }
    return {};
  }

  Result<void> ReadContent() {
    TensorInfo& info = result_.info;
    const size_t buffer = wire_.buffer();
    if (buffer >= buffers_.count()) {
      return context_.Invalid(place(), ".buffer is ", buffer, ", the file has ", buffers_.count(), " buffers");
    }
    if (wire_.external_buffer() != 0) NotSupported("has its content in another file");
    if (wire_.sparsity() != nullptr) NotSupported("is sparse");
    info.data = context_.file().first(0);
    const size_t length = buffers_.content(buffer).size();
    if (length == 0) return {};
    if (buffer == 0) {
      return context_.Invalid(place(), ".buffer is 0, which must be empty and has ", length, " bytes");
    }
    if (info.is_variable) NotSupported("is a variable with initial content");
    info.is_constant = true;
    if (!result_.unsupported.empty()) return {};  // such content has no length that could be checked
    if (length != info.size_bytes) {
      return context_.Invalid(place(), " (", Printable(info.name), ") is ", DTypeName(info.type), " ",
                              ShapeText(info.shape), ", ", info.size_bytes, " bytes, its buffer ", buffer, " has ",
                              length);
    }
    GLIMPSE_ASSIGN_OR_RETURN(info.data, buffers_.Aligned(buffer));
    return {};
  }

  ReadContext& context_;
  BufferReader& buffers_;
  const size_t subgraph_;
  const size_t index_;
  const DType type_;
  const wire::Tensor& wire_;
  ReadTensorResult result_;
};

}  // namespace

std::optional<size_t> ElementCount(const std::vector<int32_t>& shape) {
  size_t product = 1;
  for (const int32_t dimension : shape) {
    if (dimension == 0) continue;
    const auto next = CheckedMul<size_t>(product, static_cast<size_t>(dimension));
    if (!next) return std::nullopt;
    product = *next;
  }
  return product;
}

Result<ReadTensorResult> ReadTensor(ReadContext& context, BufferReader& buffers, size_t subgraph, size_t index,
                                    DType type) {
  return TensorReader(context, buffers, subgraph, index, type).Read();
}

}  // namespace glimpse
