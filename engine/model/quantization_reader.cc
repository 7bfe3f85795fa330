// SPDX-License-Identifier: Apache-2.0
#include "engine/model/quantization_reader.h"

#include <cmath>
#include <cstring>

namespace glimpse {
namespace {

class QuantizationReader {
 public:
  QuantizationReader(ReadContext& context, size_t subgraph, const wire::QuantizationParameters& parameters,
                     std::string place, TensorInfo* info)
      : context_(context),
        parameters_(parameters),
        place_(std::move(place)),
        tensor_count_(context.model().subgraphs()->Get(static_cast<uint32_t>(subgraph))->tensors()->size()),
        info_(*info) {}

  Result<std::string> Read() {
    GLIMPSE_RETURN_IF_ERROR(CheckDetails());
    if (parameters_.details_type() != wire::QuantizationDetails::NONE) {
      return StrCat("has ", DetailsText(), " quantization");
    }
    if (CountOf(parameters_.scale()) == 0) return std::string();
    GLIMPSE_RETURN_IF_ERROR(CheckCounts());
    // Old converters leave training ranges on float tensors.
    if (!IsInteger(info_.type)) return std::string();
    GLIMPSE_RETURN_IF_ERROR(ReadValues());
    return std::string();
  }

 private:
  std::string DetailsText() const {
    switch (parameters_.details_type()) {
      case wire::QuantizationDetails::CustomQuantization:
        return "custom";
      case wire::QuantizationDetails::BlockwiseQuantization:
        return "blockwise";
      case wire::QuantizationDetails::MultiAxisQuantization:
        return "multi-axis";
      default:
        return StrCat("unknown (details_type ", static_cast<int>(parameters_.details_type()), ")");
    }
  }

  Result<void> CheckTensorIndex(const char* field, int64_t index, bool optional) const {
    if ((optional && index == -1) || (index >= 0 && static_cast<uint64_t>(index) < tensor_count_)) return {};
    return context_.Invalid(place_, ".quantization.details.", field, " is ", index, ", there are ", tensor_count_,
                            " tensors");
  }

  Result<void> CheckDetails() const {
    if (const auto* blocks = parameters_.details_as_BlockwiseQuantization(); blocks != nullptr) {
      GLIMPSE_RETURN_IF_ERROR(CheckTensorIndex("scales", blocks->scales(), false));
      return CheckTensorIndex("zero_points", blocks->zero_points(), true);
    }
    if (const auto* blocks = parameters_.details_as_MultiAxisQuantization(); blocks != nullptr) {
      GLIMPSE_RETURN_IF_ERROR(CheckTensorIndex("scales", blocks->scales(), false));
      return CheckTensorIndex("zero_points", blocks->zero_points(), true);
    }
    return {};
  }

  Result<void> CheckCounts() const {
    const size_t scales = CountOf(parameters_.scale());
    const size_t zero_points = CountOf(parameters_.zero_point());
    if (zero_points != scales) {
      return context_.Invalid(place_, ".quantization.zero_point has ", zero_points, " values, scale has ", scales);
    }
    const size_t rank = info_.shape.size();
    const int32_t axis = parameters_.quantized_dimension();
    if (axis < 0 || (rank > 0 && static_cast<size_t>(axis) >= rank)) {
      return context_.Invalid(place_, " (", Printable(info_.name), ").quantization.quantized_dimension is ", axis,
                              ", the tensor has ", rank, rank == 1 ? " dimension" : " dimensions");
    }
    if (scales == 1) return {};
    if (rank == 0) return context_.Invalid(place_, ".quantization.scale has ", scales, " values for a scalar");
    const auto along = static_cast<size_t>(info_.shape[static_cast<size_t>(axis)]);
    if (scales != along) {
      return context_.Invalid(place_, ".quantization.scale has ", scales, " values, dimension ", axis, " has ", along,
                              " entries");
    }
    return {};
  }

  Result<void> ReadValues() {
    const uint32_t count = parameters_.scale()->size();
    GLIMPSE_RETURN_IF_ERROR(context_.Charge(count, sizeof(float) + sizeof(int64_t)));
    Quantization& quantization = info_.quantization;
    const IntegerRange range = DTypeRange(info_.type);
    for (uint32_t i = 0; i < count; ++i) {
      const float scale = parameters_.scale()->Get(i);
      // The verifier does not ask that 8-byte entries are aligned to 8.
      int64_t zero_point = 0;
      std::memcpy(&zero_point, parameters_.zero_point()->Data() + i * sizeof(zero_point), sizeof(zero_point));
      if (!std::isfinite(scale) || scale <= 0) {
        return context_.Invalid(place_, " (", Printable(info_.name), ").quantization.scale[", i, "] is ", scale,
                                ", it must be positive and finite");
      }
      if (zero_point < range.min || zero_point > range.max) {
        return context_.Invalid(place_, " (", Printable(info_.name), ").quantization.zero_point[", i, "] is ",
                                zero_point, ", outside of ", DTypeName(info_.type));
      }
      quantization.scales.push_back(scale);
      quantization.zero_points.push_back(zero_point);
    }
    quantization.axis = parameters_.quantized_dimension();
    return {};
  }

  ReadContext& context_;
  const wire::QuantizationParameters& parameters_;
  const std::string place_;
  const size_t tensor_count_;
  TensorInfo& info_;
};

}  // namespace

Result<std::string> ReadQuantization(ReadContext& context, size_t subgraph, const wire::Tensor& tensor,
                                     const std::string& place, TensorInfo* info) {
  if (tensor.quantization() == nullptr) return std::string();
  return QuantizationReader(context, subgraph, *tensor.quantization(), place, info).Read();
}

}  // namespace glimpse
