// SPDX-License-Identifier: Apache-2.0
// The form of golden files, and what is no golden file.
#include "golden/golden_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"

namespace glimpse::golden {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

Vectors Example() {
  Vectors vectors;
  vectors.model = "sha256:ab";
  vectors.numerics = "litert-reference";
  vectors.made_by = "glimpse 0.1.0";
  vectors.kernels = "reference";
  vectors.oracle = Oracle{"ai-edge-litert 2.3.0", "builtin-ref", "x86_64", 1};
  vectors.inputs.samples = 2;
  vectors.inputs.seed = 18446744073709551615u;
  Sha256Digest digest{};
  digest[0] = 0xfe;
  digest[31] = 0x01;
  vectors.operators = {{"CONV_2D", {{7, {digest, std::nullopt}}}}};
  return vectors;
}

Result<Vectors> Parse(const std::string& text, Expectations expectations = Expectations::kRequired) {
  return ParseVectors(std::as_bytes(std::span(text)), "m.golden", expectations);
}

TEST(GoldenFile, ComesBackAsItWasWritten) {
  for (const bool seeded : {true, false}) {
    Vectors vectors = Example();
    vectors.inputs.seeded = seeded;
    if (!seeded) vectors.inputs.data = {{{std::byte{0x12}, std::byte{0xff}}, {}}, {{std::byte{0}, std::byte{1}}, {}}};
    const std::string text = FormatVectors(vectors);
    const auto read = Parse(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(FormatVectors(*read), text);
    EXPECT_EQ(read->inputs.data, vectors.inputs.data);
    EXPECT_EQ(read->operators[0].outputs[0].samples, vectors.operators[0].outputs[0].samples);
    EXPECT_EQ(read->oracle->runtime, "ai-edge-litert 2.3.0");
  }
}

TEST(GoldenFile, AnythingElseIsRefusedWithItsPlace) {
  const std::string good = FormatVectors(Example());
  ASSERT_TRUE(Parse(good));
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto read = Parse(text);
    EXPECT_FALSE(read) << text;
    if (read) return std::string();
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidModel);
    EXPECT_THAT(read.error().message, testing::StartsWith("m.golden: "));
    return read.error().message;
  };
  EXPECT_THAT(refusal("glimpse-golden", "golden"), HasSubstr("'format'"));
  EXPECT_THAT(refusal("\"version\": 1", "\"version\": 2"), HasSubstr("version 2"));
  EXPECT_THAT(refusal("\"version\": 1", "\"version\": -1"), HasSubstr("'version'"));
  EXPECT_THAT(refusal("\"samples\": 2", "\"samples\": 0"), HasSubstr("'samples'"));
  EXPECT_THAT(refusal("\"samples\": 2", "\"samples\": 65"), HasSubstr("'samples'"));
  EXPECT_THAT(refusal("\"samples\": 2", "\"samples\": 3"), HasSubstr("operators[0]"));
  EXPECT_THAT(refusal("\"samples\": 2", "\"samples\": 1e99"), HasSubstr("'samples'"));
  EXPECT_THAT(refusal("splitmix64", "mt19937"), HasSubstr("splitmix64"));
  EXPECT_THAT(refusal("\"seed\"", "\"tensors\": [], \"seed\""), HasSubstr("both"));
  EXPECT_THAT(refusal("\"op\": \"CONV_2D\"", "\"op\": 3"), HasSubstr("operators[0]: 'op'"));
  EXPECT_THAT(refusal("\"tensor\": 7", "\"tensor\": 2147483648"), HasSubstr("'tensor'"));
  EXPECT_THAT(refusal("\"fe00", "\"ge00"), HasSubstr("64 hexadecimal"));
  EXPECT_THAT(refusal("\"fe00", "\"fe0"), HasSubstr("64 hexadecimal"));
  EXPECT_THAT(refusal("\"kernels\"", "\"kernelz\""), HasSubstr("unknown member 'kernelz'"));
  EXPECT_THAT(refusal("\"runtime\": \"ai-edge-litert 2.3.0\",", ""), HasSubstr("oracle: 'runtime' is missing"));
  EXPECT_THAT(refusal("\"made_by\": \"glimpse 0.1.0\"", "\"made_by\": \"" + std::string(300, 'x') + "\""),
              HasSubstr("at most 200"));
}

TEST(GoldenFile, GarbageNeverCrashes) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string(2'000'000, '['),
        "{\"format\":" + std::string(100, '['), std::string("\xff\xfe\x00", 3)}) {
    EXPECT_FALSE(Parse(text));
  }
  // Cut anywhere, and with any byte changed: never more than an error.
  const std::string good = FormatVectors(Example());
  for (size_t i = 0; i < good.size(); ++i) (void)Parse(good.substr(0, i));
  for (size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'"', '9', '[', '\0'}) {
      std::string text = good;
      text[i] = c;
      (void)Parse(text);
    }
  }
}

TEST(GoldenFile, AFileThatExpectsNothingProvesNothing) {
  Vectors vectors = Example();
  vectors.operators.clear();
  EXPECT_FALSE(Parse(FormatVectors(vectors)));
  EXPECT_TRUE(Parse(FormatVectors(vectors), Expectations::kOptional));
}

TEST(GoldenFile, IsFoundBesideTheModelOrNot) {
  std::string name = (fs::temp_directory_path() / "glimpse-golden-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  const std::string path = FileBeside((folder / "m.tflite").string());
  EXPECT_EQ(path, (folder / "m.tflite.golden").string());
  const auto none = ReadFileIfThere(path);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  const std::string text = FormatVectors(Example());
  ASSERT_TRUE(WriteFile(path, std::as_bytes(std::span(text))));
  const auto found = ReadFileIfThere(path);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->content, Sha256(std::as_bytes(std::span(text))));
  fs::resize_file(path, kMaxFileBytes + 1);
  EXPECT_EQ(ReadFileIfThere(path).error().code, ErrorCode::kInvalidModel);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace glimpse::golden
