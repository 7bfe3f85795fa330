// SPDX-License-Identifier: Apache-2.0
#include "classifier/picture_input.h"

#include <cmath>
#include <string>
#include <vector>

#include "base/strings.h"
#include "engine/model/metadata.h"

namespace glimpse::classifier {
namespace {

class Mapper {
 public:
  explicit Mapper(const Model& model) : model_(model) {}

  Result<media::InputSpec> Map(const TensorInfo& input, std::span<const int32_t> shape) {
    GLIMPSE_RETURN_IF_ERROR(MapType(input));
    GLIMPSE_RETURN_IF_ERROR(MapShape(shape));
    GLIMPSE_RETURN_IF_ERROR(MapNormalisation());
    return std::move(spec_);
  }

  template <typename... Parts>
  Unexpected Refuse(const Parts&... parts) const {
    return Unexpected(ErrorCode::kUnsupported, StrCat(model_.path(), ": ", parts...));
  }

 private:
  Result<void> MapType(const TensorInfo& input) {
    if (input.type == DType::kFloat32) {
      spec_.type = media::InputType::kFloat32;
      return {};
    }
    if (input.type != DType::kInt8 && input.type != DType::kUint8)
      return Refuse("its input is ", DTypeName(input.type), "; pictures become int8, uint8 or float32");
    spec_.type = input.type == DType::kInt8 ? media::InputType::kInt8 : media::InputType::kUint8;
    if (input.quantization.scales.size() != 1)
      return Refuse("its integer input has no scale, so pictures cannot be quantised for it");
    spec_.scale = input.quantization.scales[0];
    spec_.zero_point = input.quantization.zero_points[0];
    return {};
  }

  Result<void> MapShape(std::span<const int32_t> shape) {
    const bool batch = !shape.empty() && shape[0] == 1;
    const auto side = shape.size() == 2 ? static_cast<int32_t>(std::lround(std::sqrt(shape[1]))) : 0;
    if (batch && (shape.size() == 4 || shape.size() == 3)) {
      spec_.height = shape[1];
      spec_.width = shape[2];
      spec_.channels = shape.size() == 4 ? shape[3] : 1;
    } else if (batch && shape.size() == 2 && int64_t{side} * side == shape[1]) {
      spec_.height = spec_.width = side;
      spec_.channels = 1;
    } else {
      return Refuse("its input has the shape [", StrJoin(shape, ", "),
                    "], a picture's is [1, height, width, channels]");
    }
    return {};
  }

  Result<void> MapNormalisation() {
    GLIMPSE_ASSIGN_OR_RETURN(const auto metadata, ReadMetadata(model_));
    if (!metadata || metadata->inputs.empty() || !metadata->inputs[0].normalisation) return {};
    const Normalisation& packed = *metadata->inputs[0].normalisation;
    if (packed.mean.size() != 1 && packed.mean.size() != static_cast<size_t>(spec_.channels)) {
      return Unexpected(ErrorCode::kInvalidModel,
                        StrCat(model_.path(), ": its metadata normalises ", packed.mean.size(),
                               " channels, its input has ", spec_.channels));
    }
    if (spec_.type == media::InputType::kUint8 && spec_.scale > 0) {
      spec_.normalisation = {{static_cast<double>(spec_.zero_point), 1 / spec_.scale}};
      return {};
    }
    for (size_t c = 0; c < packed.mean.size(); ++c) spec_.normalisation.push_back({packed.mean[c], packed.std[c]});
    return {};
  }

  const Model& model_;
  media::InputSpec spec_;
};

}  // namespace

Result<media::InputSpec> PictureInputOf(const Model& model, std::span<const int32_t> shape) {
  Mapper mapper(model);
  const std::vector<int>& inputs = model.main().inputs;
  if (inputs.size() != 1) return mapper.Refuse("has ", inputs.size(), " inputs; a picture fills one");
  return mapper.Map(model.main().tensors[static_cast<size_t>(inputs[0])], shape);
}

Result<media::InputSpec> PictureInputOf(const Model& model) {
  const std::vector<int>& inputs = model.main().inputs;
  if (inputs.size() != 1) return PictureInputOf(model, {});
  return PictureInputOf(model, model.main().tensors[static_cast<size_t>(inputs[0])].shape);
}

}  // namespace glimpse::classifier
