// SPDX-License-Identifier: Apache-2.0
#include "cli/metadata_text.h"

#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "engine/model/metadata.h"

namespace glimpse::cli {
namespace {

std::string TensorText(const char* side, size_t index, const TensorMetadata& tensor) {
  std::vector<std::string> parts;
  if (!tensor.name.empty()) parts.push_back(Printable(tensor.name, 60));
  if (tensor.normalisation) {
    parts.push_back(StrCat("real = (pixel - mean) / std, mean ", StrJoin(tensor.normalisation->mean, ", "), ", std ",
                           StrJoin(tensor.normalisation->std, ", ")));
  }
  for (const AssociatedFile& file : tensor.files) {
    parts.push_back(StrCat(file.axis_labels ? "labels in '" : "file '", Printable(file.name, 60), "'",
                           file.locale.empty() ? "" : StrCat(" (", Printable(file.locale, 20), ")")));
  }
  return parts.empty() ? "" : StrCat("  ", side, " ", index, ": ", StrJoin(parts, "; "), "\n");
}

nlohmann::ordered_json TensorsJson(const std::vector<TensorMetadata>& tensors) {
  auto list = nlohmann::ordered_json::array();
  for (const TensorMetadata& tensor : tensors) {
    nlohmann::ordered_json entry{{"name", tensor.name}, {"description", tensor.description}};
    if (tensor.normalisation) {
      entry["mean"] = tensor.normalisation->mean;
      entry["std"] = tensor.normalisation->std;
    }
    entry["files"] = nlohmann::ordered_json::array();
    for (const AssociatedFile& file : tensor.files) {
      entry["files"].push_back({{"name", file.name}, {"labels", file.axis_labels}, {"locale", file.locale}});
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string MetadataText(const Model& model) {
  const auto read = ReadMetadata(model);
  if (!read) return StrCat("metadata: not readable: ", read.error().message, "\n");
  if (!*read) return "";
  const ModelMetadata& metadata = **read;
  std::string text = "metadata:";
  for (const std::string& part : {metadata.name, metadata.version, metadata.author, metadata.license}) {
    if (!part.empty()) text += StrCat(text.back() == ':' ? " " : "; ", Printable(part, 60));
  }
  text += "\n";
  for (size_t i = 0; i < metadata.inputs.size(); ++i) text += TensorText("input", i, metadata.inputs[i]);
  for (size_t i = 0; i < metadata.outputs.size(); ++i) text += TensorText("output", i, metadata.outputs[i]);
  return text;
}

nlohmann::ordered_json MetadataJson(const Model& model) {
  const auto read = ReadMetadata(model);
  if (!read) return {{"error", read.error().message}};
  if (!*read) return nullptr;
  const ModelMetadata& metadata = **read;
  return {{"name", metadata.name},
          {"description", metadata.description},
          {"version", metadata.version},
          {"author", metadata.author},
          {"license", metadata.license},
          {"inputs", TensorsJson(metadata.inputs)},
          {"outputs", TensorsJson(metadata.outputs)}};
}

}  // namespace glimpse::cli
