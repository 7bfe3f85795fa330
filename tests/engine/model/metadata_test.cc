// SPDX-License-Identifier: Apache-2.0
// TFLite metadata, and files packed behind a model, from sound and hostile files.
#include "engine/model/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/packed_models.h"

namespace glimpse {
namespace {

using ::testing::HasSubstr;
using testkit::AppendArchive;
using testkit::Describe;
using testkit::PackedFiles;
using testkit::TinyCnnPacked;

std::shared_ptr<const Model> Parse(const std::vector<std::byte>& file) {
  auto model = Model::Parse(file, "m.tflite");
  EXPECT_TRUE(model) << model.error().message;
  return model ? *model : nullptr;
}

Error ErrorOf(const wire::metadata::ModelT& metadata) {
  const auto read = ReadMetadata(*Parse(TinyCnnPacked(metadata, {})));
  EXPECT_FALSE(read);
  return read ? Error{} : read.error();
}

Error ErrorOfContent(const std::vector<uint8_t>& content) {
  testkit::ModelBuilder b = testkit::TinyCnn();
  b.Metadata("TFLITE_METADATA", content);
  const auto read = ReadMetadata(*Parse(b.Build()));
  EXPECT_FALSE(read);
  return read ? Error{} : read.error();
}

std::string TextOf(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Metadata, IsAbsentFromAModelWithoutIt) {
  const auto read = ReadMetadata(*testkit::TinyCnn().Model());
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(Metadata, GivesNormalisationAndLabelFiles) {
  const auto read = ReadMetadata(*Parse(TinyCnnPacked(Describe({127.5f}, {64.0f}, "names.txt"), {})));
  ASSERT_TRUE(read) << read.error().message;
  const ModelMetadata& metadata = **read;
  EXPECT_EQ(metadata.name, "tiny");
  ASSERT_EQ(metadata.inputs.size(), 1u);
  ASSERT_TRUE(metadata.inputs[0].normalisation);
  EXPECT_EQ(metadata.inputs[0].normalisation->mean, std::vector<float>{127.5f});
  EXPECT_EQ(metadata.inputs[0].normalisation->std, std::vector<float>{64.0f});
  ASSERT_EQ(metadata.outputs[0].files.size(), 1u);
  EXPECT_EQ(metadata.outputs[0].files[0].name, "names.txt");
  EXPECT_TRUE(metadata.outputs[0].files[0].axis_labels);
}

TEST(Metadata, OneMeanServesAllChannels) {
  const auto read = ReadMetadata(*Parse(TinyCnnPacked(Describe({3}, {1, 2, 4}, ""), {})));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->inputs[0].normalisation->mean, (std::vector<float>{3, 3, 3}));
  EXPECT_EQ((*read)->inputs[0].normalisation->std, (std::vector<float>{1, 2, 4}));
}

TEST(Metadata, NormalisationMustBeFiniteAndComplete) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& [mean, std] :
       std::vector<std::pair<float, float>>{{0, 0}, {0, -1}, {0, nan}, {nan, 1}, {infinity, 1}}) {
    EXPECT_EQ(ErrorOf(Describe({mean}, {std}, "")).code, ErrorCode::kInvalidModel);
    EXPECT_THAT(ErrorOf(Describe({mean}, {std}, "")).message,
                HasSubstr("m.tflite: the metadata entry TFLITE_METADATA"));
  }
  EXPECT_THAT(ErrorOf(Describe({1, 2}, {1, 2, 3}, "")).message, HasSubstr("by 2 values of mean and 3 of std"));
  EXPECT_THAT(ErrorOf(Describe({1}, {}, "")).message, HasSubstr("by 1 values of mean and 0 of std"));
  auto twice = Describe({1}, {1}, "");
  auto& units = twice.subgraphs[0]->inputs[0]->process_units;
  units.push_back(std::make_unique<wire::metadata::ProcessUnitT>(*units[0]));
  EXPECT_THAT(ErrorOf(twice).message, HasSubstr("normalises inputs[0] twice"));
}

TEST(Metadata, MustDescribeAsManyTensorsAsTheModelHas) {
  auto metadata = Describe({1}, {1}, "");
  metadata.subgraphs[0]->inputs.push_back(std::make_unique<wire::metadata::TensorT>());
  EXPECT_EQ(ErrorOf(metadata).code, ErrorCode::kInvalidModel);
  EXPECT_THAT(ErrorOf(metadata).message, HasSubstr("describes 2 inputs, the model has 1"));
}

TEST(Metadata, OtherIdentifiersAreUnsupportedAndRubbishIsInvalid) {
  auto content = testkit::PackMetadata(Describe({1}, {1}, ""));
  content[7] = uint8_t{'2'};
  EXPECT_EQ(ErrorOfContent(content).code, ErrorCode::kUnsupported);
  EXPECT_THAT(ErrorOfContent(content).message, HasSubstr("identifier \"M002\", this version reads \"M001\""));
  EXPECT_EQ(ErrorOfContent({1, 2, 3}).code, ErrorCode::kInvalidModel);
}

TEST(Metadata, EveryTruncationAndFlippedByteIsSurvived) {
  const auto content = testkit::PackMetadata(Describe({127.5f}, {64.0f}, "names.txt"));
  const auto read = [](const std::vector<uint8_t>& bytes) {
    testkit::ModelBuilder b = testkit::TinyCnn();
    b.Metadata("TFLITE_METADATA", bytes);
    return ReadMetadata(*Parse(b.Build()));
  };
  for (size_t length = 1; length < content.size(); ++length) {
    // The last bytes may be padding.
    const bool whole = read({content.begin(), content.begin() + static_cast<std::ptrdiff_t>(length)}).has_value();
    EXPECT_TRUE(!whole || length + 8 > content.size()) << length;
  }
  for (size_t i = 0; i < content.size(); ++i) {
    for (const int bits : {0x01, 0x80, 0xFF}) {
      auto changed = content;
      changed[i] = static_cast<uint8_t>(changed[i] ^ bits);
      (void)read(changed);
    }
  }
}

TEST(AssociatedFile, IsReadWhereverOffsetsCountFrom) {
  const PackedFiles files{{"other.txt", "no"}, {"names.txt", "a\nb\nc\n"}};
  for (const bool from_file : {true, false}) {
    const auto model = Parse(AppendArchive(testkit::TinyCnn().Build(), files, from_file));
    const auto content = ReadAssociatedFile(*model, "names.txt", 100);
    ASSERT_TRUE(content) << content.error().message;
    EXPECT_EQ(TextOf(*content), "a\nb\nc\n");
    EXPECT_EQ(ReadAssociatedFile(*model, "names", 100).error().code, ErrorCode::kInvalidModel);
    EXPECT_EQ(ReadAssociatedFile(*model, std::string("names.txt\0x", 11), 100).error().code, ErrorCode::kInvalidModel);
    EXPECT_TRUE(ReadAssociatedFile(*model, "names.txt", 6));
    EXPECT_EQ(ReadAssociatedFile(*model, "names.txt", 5).error().code, ErrorCode::kExhausted);
  }
}

TEST(AssociatedFile, IsNotThereWithoutAnArchive) {
  const auto read = ReadAssociatedFile(*testkit::TinyCnn().Model("m.tflite"), "names.txt", 100);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(read.error().message, HasSubstr("m.tflite: the archive behind the model"));
}

TEST(AssociatedFile, WithAWrongChecksumIsInvalid) {
  auto file = AppendArchive(testkit::TinyCnn().Build(), {{"names.txt", "a\nb\nc\n"}});
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  file[text.find("a\nb\nc\n")] = std::byte{'x'};
  EXPECT_EQ(ReadAssociatedFile(*Parse(file), "names.txt", 100).error().code, ErrorCode::kInvalidModel);
}

// Entries whose flags (8 bytes into the entry of the directory, 6 into the file's own header) and method (2 bytes on)
// are others.
std::vector<std::byte> Repacked(const std::string& content, int flags, int method) {
  auto file = AppendArchive(testkit::TinyCnn().Build(), {{"names.txt", content}});
  const std::string text(reinterpret_cast<const char*>(file.data()), file.size());
  for (const size_t at : {text.rfind("PK\x01\x02") + 8, text.rfind("PK\x03\x04") + 6}) {
    file[at] = static_cast<std::byte>(flags);
    file[at + 2] = static_cast<std::byte>(method);
  }
  return file;
}

TEST(AssociatedFile, EncryptedOrPackedByAnotherMethodIsUnsupported) {
  const auto encrypted = ReadAssociatedFile(*Parse(Repacked("a", 1, 0)), "names.txt", 100);
  EXPECT_EQ(encrypted.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(encrypted.error().message, HasSubstr("m.tflite: its packed file 'names.txt' is encrypted"));
  const auto method = ReadAssociatedFile(*Parse(Repacked("a", 0, 12)), "names.txt", 100);
  EXPECT_EQ(method.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(method.error().message, HasSubstr("is packed by method 12"));
}

TEST(AssociatedFile, DeflatedIsUnpacked) {
  // One last block, stored: its length, the length's complement, its bytes (RFC 1951, 3.2.4).
  auto file = Repacked(std::string("\x01\x03\x00\xFC\xFF"
                                   "abc",
                                   8),
                       0, 8);
  const std::string text(reinterpret_cast<const char*>(file.data()), file.size());
  constexpr uint32_t kCrcOfAbc = 0x352441C2;
  for (const size_t at : {text.rfind("PK\x01\x02") + 16, text.rfind("PK\x03\x04") + 14}) {
    for (size_t i = 0; i < 4; ++i) file[at + i] = static_cast<std::byte>(kCrcOfAbc >> (8 * i));
    file[at + 8] = std::byte{3};
  }
  const auto content = ReadAssociatedFile(*Parse(file), "names.txt", 100);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(TextOf(*content), "abc");
}

TEST(AssociatedFile, DamagedDeflateDataAreInvalid) {
  const auto read = ReadAssociatedFile(*Parse(Repacked("no deflate stream", 0, 8)), "names.txt", 100);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(read.error().message, HasSubstr("'names.txt' cannot be unpacked"));
}

TEST(AssociatedFile, SixtyFourBitArchivesAreUnsupported) {
  auto file = AppendArchive(testkit::TinyCnn().Build(), {{"names.txt", "PK\x06\x07"}});
  EXPECT_EQ(ReadAssociatedFile(*Parse(file), "names.txt", 100).error().code, ErrorCode::kUnsupported);
}

TEST(AssociatedFile, EveryFlippedByteAndTruncationOfTheArchiveIsSurvived) {
  const size_t before = testkit::TinyCnn().Build().size();
  const auto file = AppendArchive(testkit::TinyCnn().Build(), {{"names.txt", "a\nb\nc\n"}});
  for (size_t i = before; i < file.size(); ++i) {
    for (const int bits : {0x01, 0x80, 0xFF}) {
      auto changed = file;
      changed[i] ^= static_cast<std::byte>(bits);
      const auto read = ReadAssociatedFile(*Parse(changed), "names.txt", 100);
      if (read) {
        EXPECT_EQ(TextOf(*read), "a\nb\nc\n");
      }
    }
    EXPECT_FALSE(
        ReadAssociatedFile(*Parse({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(i)}), "names.txt", 100));
  }
}

}  // namespace
}  // namespace glimpse
