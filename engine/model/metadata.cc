// SPDX-License-Identifier: Apache-2.0
#include "engine/model/metadata.h"

#include <cmath>
#include <cstring>

#include "base/strings.h"
#include "engine/model/aligned_bytes.h"
#include "engine/schema/metadata_generated.h"

namespace glimpse {
namespace {

constexpr const char* kEntry = "TFLITE_METADATA";
// Published models have a few KiB. The decoded form is bounded by this and the number of tables: strings may be shared,
// so each is charged each time.
constexpr size_t kMaxBytes = 4u << 20;
constexpr uint32_t kMetadataDepth = 16;
constexpr uint32_t kMetadataTables = 65536;
constexpr size_t kHeaderBytes = 8;

class MetadataReader {
 public:
  explicit MetadataReader(const Model& model) : model_(model) {}

  Result<ModelMetadata> Read(std::span<const std::byte> content) {
    if (content.size() > kMaxBytes)
      return Fail(ErrorCode::kExhausted, "has ", content.size(), " bytes, the limit is ", kMaxBytes);
    // The verifier wants the alignment that flatbuffers promise, which a hostile file need not give.
    AlignedBytes copy = AlignedBytes::Allocate(content.size());
    if (!copy.ok()) return Fail(ErrorCode::kExhausted, "finds no memory for ", content.size(), " bytes");
    std::memcpy(copy.span().data(), content.data(), content.size());
    const auto* bytes = reinterpret_cast<const uint8_t*>(copy.span().data());
    if (content.size() < kHeaderBytes)
      return Fail(ErrorCode::kInvalidModel, "has ", content.size(), " bytes, too short to be metadata");
    if (!wire::metadata::ModelBufferHasIdentifier(bytes)) {
      const std::string_view identifier(reinterpret_cast<const char*>(bytes) + 4, 4);
      return Fail(ErrorCode::kUnsupported, "has the identifier \"", Printable(identifier), "\", this version reads \"",
                  wire::metadata::ModelIdentifier(), "\"");
    }
    flatbuffers::Verifier verifier(bytes, content.size(), kMetadataDepth, kMetadataTables);
    if (!wire::metadata::VerifyModelBuffer(verifier))
      return Fail(ErrorCode::kInvalidModel, "is damaged; remove it or pack it anew");
    return Decode(*wire::metadata::GetModel(bytes));
  }

 private:
  template <typename... Parts>
  Unexpected Fail(ErrorCode code, const Parts&... parts) const {
    return Unexpected(code, StrCat(Printable(model_.path()), ": the metadata entry ", kEntry, " ", parts...));
  }

  template <typename Vector>
  static uint32_t CountOf(const Vector* vector) {
    return vector == nullptr ? 0 : vector->size();
  }

  Result<std::string> Text(const flatbuffers::String* text) {
    if (text == nullptr) return std::string();
    copied_ += text->size();
    if (copied_ > kMaxBytes) return Fail(ErrorCode::kExhausted, "has more than ", kMaxBytes, " bytes of text");
    return text->str();
  }

  Result<ModelMetadata> Decode(const wire::metadata::Model& wire) {
    ModelMetadata metadata;
    GLIMPSE_ASSIGN_OR_RETURN(metadata.name, Text(wire.name()));
    GLIMPSE_ASSIGN_OR_RETURN(metadata.description, Text(wire.description()));
    GLIMPSE_ASSIGN_OR_RETURN(metadata.version, Text(wire.version()));
    GLIMPSE_ASSIGN_OR_RETURN(metadata.author, Text(wire.author()));
    GLIMPSE_ASSIGN_OR_RETURN(metadata.license, Text(wire.license()));
    if (CountOf(wire.subgraphs()) == 0) return metadata;
    const wire::metadata::Subgraph& graph = *wire.subgraphs()->Get(0);
    GLIMPSE_ASSIGN_OR_RETURN(metadata.inputs, Tensors("inputs", graph.inputs(), model_.main().inputs.size()));
    GLIMPSE_ASSIGN_OR_RETURN(metadata.outputs, Tensors("outputs", graph.outputs(), model_.main().outputs.size()));
    return metadata;
  }

  Result<std::vector<TensorMetadata>> Tensors(
      const char* side, const flatbuffers::Vector<flatbuffers::Offset<wire::metadata::Tensor>>* list, size_t expected) {
    std::vector<TensorMetadata> tensors;
    if (CountOf(list) == 0) return tensors;
    if (list->size() != expected)
      return Fail(ErrorCode::kInvalidModel, "describes ", list->size(), " ", side, ", the model has ", expected);
    for (uint32_t i = 0; i < list->size(); ++i) {
      GLIMPSE_ASSIGN_OR_RETURN(TensorMetadata tensor, Tensor(*list->Get(i), StrCat(side, "[", i, "]")));
      tensors.push_back(std::move(tensor));
    }
    return tensors;
  }

  Result<TensorMetadata> Tensor(const wire::metadata::Tensor& wire, const std::string& place) {
    TensorMetadata tensor;
    GLIMPSE_ASSIGN_OR_RETURN(tensor.name, Text(wire.name()));
    GLIMPSE_ASSIGN_OR_RETURN(tensor.description, Text(wire.description()));
    for (uint32_t i = 0; i < CountOf(wire.process_units()); ++i) {
      const auto* options = wire.process_units()->Get(i)->options_as_Normalisation();
      if (options == nullptr) continue;
      if (tensor.normalisation) return Fail(ErrorCode::kInvalidModel, "normalises ", place, " twice");
      GLIMPSE_ASSIGN_OR_RETURN(tensor.normalisation, ReadNormalisation(*options, place));
    }
    for (uint32_t i = 0; i < CountOf(wire.associated_files()); ++i) {
      const wire::metadata::AssociatedFile& file = *wire.associated_files()->Get(i);
      AssociatedFile entry;
      GLIMPSE_ASSIGN_OR_RETURN(entry.name, Text(file.name()));
      GLIMPSE_ASSIGN_OR_RETURN(entry.locale, Text(file.locale()));
      entry.axis_labels = file.role() == wire::metadata::FileRole::AXIS_LABELS;
      tensor.files.push_back(std::move(entry));
    }
    return tensor;
  }

  Result<std::optional<Normalisation>> ReadNormalisation(const wire::metadata::Normalisation& wire,
                                                         const std::string& place) const {
    const uint32_t means = CountOf(wire.mean());
    const uint32_t stds = CountOf(wire.std());
    if (means == 0 && stds == 0) return std::optional<Normalisation>();
    if (means == 0 || stds == 0 || (means != stds && means != 1 && stds != 1)) {
      return Fail(ErrorCode::kInvalidModel, "normalises ", place, " by ", means, " values of mean and ", stds,
                  " of std; both need one, or one for each channel");
    }
    Normalisation normalisation;
    for (uint32_t c = 0; c < std::max(means, stds); ++c) {
      const float mean = wire.mean()->Get(means == 1 ? 0 : c);
      const float std = wire.std()->Get(stds == 1 ? 0 : c);
      if (!std::isfinite(mean) || !std::isfinite(std) || std <= 0) {
        return Fail(ErrorCode::kInvalidModel, "normalises ", place, " by mean ", mean, " and std ", std,
                    "; both must be finite, and std above 0");
      }
      normalisation.mean.push_back(mean);
      normalisation.std.push_back(std);
    }
    return std::optional(std::move(normalisation));
  }

  const Model& model_;
  size_t copied_ = 0;
};

}  // namespace

Result<std::optional<ModelMetadata>> ReadMetadata(const Model& model) {
  const std::span<const std::byte> content = model.metadata(kEntry);
  if (content.empty()) return std::optional<ModelMetadata>();
  GLIMPSE_ASSIGN_OR_RETURN(ModelMetadata metadata, MetadataReader(model).Read(content));
  return std::optional(std::move(metadata));
}

}  // namespace glimpse
