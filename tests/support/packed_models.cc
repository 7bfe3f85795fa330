// SPDX-License-Identifier: Apache-2.0
#include "tests/support/packed_models.h"

namespace glimpse::testkit {
namespace {

uint32_t Crc32(const std::string& text) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

void Put(std::vector<std::byte>& to, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

void Put(std::vector<std::byte>& to, const std::string& text) {
  for (const char c : text) to.push_back(static_cast<std::byte>(c));
}

// What the local header and the directory's entry share: flags to the lengths of name and extra field.
void PutFacts(std::vector<std::byte>& to, const std::string& name, const std::string& content) {
  Put(to, 0, 2);  // flags
  Put(to, 0, 2);  // stored
  Put(to, 0, 4);  // time and date
  Put(to, Crc32(content), 4);
  Put(to, content.size(), 4);
  Put(to, content.size(), 4);
  Put(to, name.size(), 2);
  Put(to, 0, 2);
}

}  // namespace

wire::metadata::ModelT Describe(std::vector<float> mean, std::vector<float> std, const std::string& labels) {
  wire::metadata::ModelT metadata;
  metadata.name = "tiny";
  auto graph = std::make_unique<wire::metadata::SubgraphT>();
  auto input = std::make_unique<wire::metadata::TensorT>();
  input->name = "image";
  if (!mean.empty() || !std.empty()) {
    auto unit = std::make_unique<wire::metadata::ProcessUnitT>();
    wire::metadata::NormalisationT normalisation;
    normalisation.mean = std::move(mean);
    normalisation.std = std::move(std);
    unit->options.Set(std::move(normalisation));
    input->process_units.push_back(std::move(unit));
  }
  graph->inputs.push_back(std::move(input));
  auto output = std::make_unique<wire::metadata::TensorT>();
  output->name = "probability";
  if (!labels.empty()) {
    auto file = std::make_unique<wire::metadata::AssociatedFileT>();
    file->name = labels;
    file->role = wire::metadata::FileRole::AXIS_LABELS;
    output->associated_files.push_back(std::move(file));
  }
  graph->outputs.push_back(std::move(output));
  metadata.subgraphs.push_back(std::move(graph));
  return metadata;
}

std::vector<uint8_t> PackMetadata(const wire::metadata::ModelT& metadata) {
  flatbuffers::FlatBufferBuilder builder;
  wire::metadata::FinishModelBuffer(builder, wire::metadata::Model::Pack(builder, &metadata));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::vector<std::byte> AppendArchive(std::vector<std::byte> file, const PackedFiles& entries, bool from_file) {
  const size_t base = from_file ? 0 : file.size();
  std::vector<std::byte> directory;
  for (const auto& [name, content] : entries) {
    Put(directory, 0x02014B50, 4);
    Put(directory, 20, 2);  // made by
    Put(directory, 20, 2);  // needed to read
    PutFacts(directory, name, content);
    Put(directory, 0, 6);  // comment, disk, internal attributes
    Put(directory, 0, 4);  // external attributes
    Put(directory, file.size() - base, 4);
    Put(directory, name);
    Put(file, 0x04034B50, 4);
    Put(file, 20, 2);
    PutFacts(file, name, content);
    Put(file, name);
    Put(file, content);
  }
  const size_t at = file.size() - base;
  file.insert(file.end(), directory.begin(), directory.end());
  Put(file, 0x06054B50, 4);
  Put(file, 0, 4);  // disks
  Put(file, entries.size(), 2);
  Put(file, entries.size(), 2);
  Put(file, directory.size(), 4);
  Put(file, at, 4);
  Put(file, 0, 2);  // comment
  return file;
}

std::vector<std::byte> TinyCnnPacked(const wire::metadata::ModelT& metadata, const PackedFiles& entries) {
  ModelBuilder b = TinyCnn();
  b.Metadata("TFLITE_METADATA", PackMetadata(metadata));
  std::vector<std::byte> file = b.Build();
  return entries.empty() ? file : AppendArchive(std::move(file), entries);
}

}  // namespace glimpse::testkit
