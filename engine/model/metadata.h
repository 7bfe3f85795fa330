// SPDX-License-Identifier: Apache-2.0
// What a model says of itself in TFLite metadata: how its inputs are normalised and what its classes are called.
//
// On the wire it is a flatbuffer in the model's metadata entry "TFLITE_METADATA" (engine/schema/metadata.fbs), and the
// files it names are a ZIP archive behind the model in the same file. Both are untrusted. All functions are reentrant.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"

namespace glimpse {

// normalised = (value - mean[c]) / std[c], c being the channel. Both lists are equally long, one entry stands for all
// channels; every value is finite and every std above 0.
struct Normalisation {
  std::vector<float> mean;
  std::vector<float> std;
};

// A file of the archive that belongs to a tensor.
struct AssociatedFile {
  std::string name;
  std::string locale;        // "" or "en"
  bool axis_labels = false;  // one line for each class
};

struct TensorMetadata {
  std::string name;
  std::string description;
  std::optional<Normalisation> normalisation;
  std::vector<AssociatedFile> files;
};

struct ModelMetadata {
  std::string name;
  std::string description;
  std::string version;
  std::string author;
  std::string license;
  // As many as the main subgraph has inputs and outputs, or none.
  std::vector<TensorMetadata> inputs;
  std::vector<TensorMetadata> outputs;
};

// std::nullopt when the model has none. Errors, with the file's name: kInvalidModel (damaged, contradicts the model,
// normalises twice, by 0 or by what is not finite); kUnsupported (another identifier than M001); kExhausted (more than
// 4 MiB, or more tables than honest metadata has).
Result<std::optional<ModelMetadata>> ReadMetadata(const Model& model);

// Content of the file `name` of the archive behind the model, at most `max_bytes`.
// Errors, with both names: kInvalidModel (no archive, no such file, damaged); kExhausted (larger than max_bytes);
// kUnsupported (encrypted, or neither stored nor deflated, the 64-bit form of ZIP).
Result<std::vector<std::byte>> ReadAssociatedFile(const Model& model, const std::string& name, size_t max_bytes);

}  // namespace glimpse
