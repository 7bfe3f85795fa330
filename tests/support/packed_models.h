// SPDX-License-Identifier: Apache-2.0
// Models with TFLite metadata and an archive of files behind them, sound and broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/schema/metadata_generated.h"
#include "tests/support/model_builder.h"

namespace glimpse::testkit {

// Metadata of a model with one input and one output; `labels`, unless "", names the labels of the output.
wire::metadata::ModelT Describe(std::vector<float> mean, std::vector<float> std, const std::string& labels);

// The metadata as the model's entry "TFLITE_METADATA".
std::vector<uint8_t> PackMetadata(const wire::metadata::ModelT& metadata);

using PackedFiles = std::vector<std::pair<std::string, std::string>>;  // name, content

// `file` with a ZIP archive behind it, its entries stored as they are. Offsets count from the file's first byte, as the
// tools write them, or from the archive's.
std::vector<std::byte> AppendArchive(std::vector<std::byte> file, const PackedFiles& entries, bool from_file = true);

// TinyCnn with the metadata and one packed file.
std::vector<std::byte> TinyCnnPacked(const wire::metadata::ModelT& metadata, const PackedFiles& entries);

}  // namespace glimpse::testkit
