// SPDX-License-Identifier: Apache-2.0
// Rules about the file as a whole: its header, its flatbuffer, its limits, metadata and signatures.
#include <cstring>
#include <fstream>

#include "tests/engine/model/rule_test.h"

namespace glimpse {
namespace {

using testkit::ModelBuilder;
using testkit::TinyCnn;

std::string MessageOf(std::vector<std::byte> bytes, ErrorCode code = ErrorCode::kInvalidModel) {
  const auto model = Model::Parse(std::move(bytes), "m.tflite");
  if (model) return "accepted";
  EXPECT_EQ(model.error().code, code);
  return model.error().message;
}

// Position in the file of a field's content: found by what it holds, which must be there once.
size_t Find(const std::vector<std::byte>& file, const std::vector<uint32_t>& words) {
  size_t found = 0, count = 0;
  for (size_t at = 0; at + words.size() * 4 <= file.size(); at += 4) {
    if (std::memcmp(file.data() + at, words.data(), words.size() * 4) == 0) found = at, ++count;
  }
  EXPECT_EQ(count, 1u);
  return found;
}

void Put(std::vector<std::byte>* file, size_t at, uint32_t value) { std::memcpy(file->data() + at, &value, 4); }

TEST(FileRules, AShortFileIsNoModel) {
  EXPECT_EQ(MessageOf({}), "m.tflite: has 0 bytes, too short for a .tflite file");
  EXPECT_EQ(MessageOf(std::vector<std::byte>(7)), "m.tflite: has 7 bytes, too short for a .tflite file");
}

TEST(FileRules, TheIdentifierIsChecked) {
  auto file = TinyCnn().Build();
  file[7] = std::byte{0x0a};
  EXPECT_EQ(MessageOf(file), "m.tflite: is no .tflite file: bytes 4 to 7 are \"TFL\\x0a\" instead of \"TFL3\"");
}

TEST(FileRules, EightBytesWithTheIdentifierAreNoModel) {
  auto file = TinyCnn().Build();
  file.resize(8);
  EXPECT_EQ(MessageOf(file), "m.tflite: the root table lies outside of the file; the file is damaged or truncated");
}

TEST(FileRules, AHugeVectorIsNamed) {
  auto file = TinyCnn().Build();
  const size_t at = Find(file, {4, 1, 6, 6, 1});  // length and entries of the input's shape
  Put(&file, at, 0x7fffffff);
  EXPECT_EQ(MessageOf(file),
            "m.tflite: subgraphs[0].tensors[0].shape claims 2147483647 entries, more than the file holds; the file is "
            "damaged "
            "or truncated");
}

TEST(FileRules, AStringWithoutAnEndIsNamed) {
  auto file = TinyCnn().Build();
  const char name[] = "conv/bias";
  const auto* begin = reinterpret_cast<const char*>(file.data());
  const size_t at = std::string_view(begin, file.size()).find(name);
  file[at + sizeof(name) - 1] = std::byte{'x'};
  EXPECT_EQ(MessageOf(file),
            "m.tflite: subgraphs[0].tensors[2].name is a string without an end; the file is damaged or truncated");
}

TEST(FileRules, AMissingSubgraphListIsNamed) {
  ModelBuilder b;
  b.raw().subgraphs.clear();
  ExpectInvalid(b, "subgraphs is empty, a model has at least one");
  ExpectInvalid(ModelBuilder(), "subgraphs[0].tensors is empty, a model has at least one tensor");
}

TEST(FileRules, OtherFormatVersionsAreUnsupported) {
  ModelBuilder b = TinyCnn();
  b.raw().version = 2;
  ExpectUnsupported(b, "version is 2, only version 3 is supported");
}

TEST(FileRules, MetadataIsFoundByName) {
  const auto model = TinyCnn().Model();
  ASSERT_EQ(model->metadata("note").size(), 2u);
  EXPECT_EQ(model->metadata("note")[0], std::byte{'h'});
  EXPECT_TRUE(model->metadata("other").empty());
  ModelBuilder b = TinyCnn();
  b.raw().metadata[0]->buffer = 6;
  ExpectInvalid(b, "metadata[0].buffer is 6, the file has 6 buffers");
}

TEST(FileRules, SignaturesReferToWhatExists) {
  ModelBuilder b = testkit::TinyCustom();
  b.raw().signature_defs[0]->subgraph_index = 2;
  ExpectInvalid(b, "signature_defs[0].subgraph_index is 2, the file has 2 subgraphs");
  b.raw().signature_defs[0]->subgraph_index = 1;
  b.raw().signature_defs[0]->inputs[0]->tensor_index = 1;
  ExpectInvalid(b, "signature_defs[0].inputs[0].tensor_index is 1, there are 1 tensors");
  b.raw().signature_defs[0]->inputs[0]->tensor_index = 0;
  ExpectInvalid(b, "signature_defs[0].outputs[0].tensor_index is 2, there are 1 tensors");
}

TEST(FileRules, LimitsAreNamedWithTheirValue) {
  Limits limits;
  limits.tensors = 9;
  ExpectRefused(TinyCnn(), ErrorCode::kExhausted, "subgraphs[0] has 10 tensors, the limit (tensors) is 9", limits);
  limits = {};
  limits.operators = 4;
  ExpectRefused(TinyCnn(), ErrorCode::kExhausted, "subgraphs[0] has 5 operators, the limit (operators) is 4", limits);
  limits = {};
  limits.tensor_bytes = 35;
  ExpectRefused(TinyCnn(), ErrorCode::kExhausted, "tensors[0] (image) has 36 bytes, the limit (tensor_bytes) is 35",
                limits);
  limits = {};
  limits.file_bytes = 100;
  const std::string size = std::to_string(TinyCnn().Build().size());
  ExpectRefused(TinyCnn(), ErrorCode::kExhausted, "the file has " + size + " bytes, the limit (file_bytes) is 100",
                limits);
}

TEST(FileRules, ASmallFileCannotDescribeAHugeModel) {
  // Tables may be shared: 2,000 entries of `subgraphs` that are one and the same table with 5,000 tensors.
  flatbuffers::FlatBufferBuilder builder;
  const auto tensor =
      wire::CreateTensor(builder, 0, wire::TensorType::INT8, 0, builder.CreateString(std::string(1000, 'n')));
  const std::vector<flatbuffers::Offset<wire::Tensor>> tensors(5000, tensor);
  const auto graph = wire::CreateSubGraph(builder, builder.CreateVector(tensors));
  const auto buffers = builder.CreateVector(std::vector{wire::CreateBuffer(builder)});
  for (const auto& [count, message] : std::vector<std::pair<size_t, std::string>>{
           {100, "m.tflite: the tables describe more than 128 MiB of names, shapes, scales and options"},
           {2000, "m.tflite: has more than 1000000 tables, or tables nested more than 16 deep"}}) {
    const std::vector<flatbuffers::Offset<wire::SubGraph>> graphs(count, graph);
    builder.Finish(wire::CreateModel(builder, 3, 0, builder.CreateVector(graphs), 0, buffers), wire::ModelIdentifier());
    const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
    EXPECT_EQ(MessageOf({begin, begin + builder.GetSize()}, ErrorCode::kExhausted), message);
  }
}

TEST(FileRules, LoadReadsWhatParseReads) {
  const std::string path = testing::TempDir() + "/loaded.tflite";
  const auto bytes = TinyCnn().Build();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
  const auto loaded = Model::Load(path);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->sha256(), TinyCnn().Model()->sha256());
  EXPECT_EQ((*loaded)->bytes().size(), bytes.size());
  EXPECT_EQ(reinterpret_cast<uintptr_t>((*loaded)->bytes().data()) % 64, 0u);
  Limits limits;
  limits.file_bytes = bytes.size() - 1;
  const auto refused = Model::Load(path, limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kExhausted);
}

TEST(FileRules, AFileThatCannotBeReadIsAnIoError) {
  const auto missing = Model::Load("/nonexistent/x.tflite");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kIo);
  EXPECT_EQ(missing.error().message, "/nonexistent/x.tflite: cannot open: No such file or directory");
  const auto folder = Model::Load(testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kIo);
}

TEST(FileRules, TheHashIsOfTheWholeFile) {
  ModelBuilder b = TinyCnn();
  const std::string before = b.Model()->sha256();
  EXPECT_EQ(before.size(), 7u + 64u);
  EXPECT_EQ(before.substr(0, 7), "sha256:");
  auto behind = b.Build();
  behind.push_back(std::byte{0});
  EXPECT_NE((*Model::Parse(behind, "m"))->sha256(), before);
}

}  // namespace
}  // namespace glimpse
