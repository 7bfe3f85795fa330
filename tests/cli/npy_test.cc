// SPDX-License-Identifier: Apache-2.0
#include "cli/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/file.h"

namespace glimpse::cli {
namespace {

using testing::HasSubstr;

std::vector<std::byte> Bytes(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

// A version 1.0 file with this dictionary.
std::string File(const std::string& dict, const std::string& content = "") {
  std::string head("\x93NUMPY\x01\x00", 8);
  head += static_cast<char>(dict.size() & 0xff);
  head += static_cast<char>(dict.size() >> 8);
  return head + dict + content;
}

std::string ErrorOf(const std::string& file) {
  const auto header = ParseNpyHeader(Bytes(file), "x.npy");
  return header ? "accepted" : header.error().message;
}

class NpyFiles : public testing::Test {
 protected:
  void SetUp() override { path_ = testing::TempDir() + "npy_test_" + std::to_string(::getpid()) + ".npy"; }
  void TearDown() override { std::filesystem::remove(path_); }
  void Put(const std::string& content) { std::ofstream(path_, std::ios::binary) << content; }
  std::string path_;
};

TEST(NpyHeader, WhatNumpyWritesIsRead) {
  const std::string file = File("{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }                    \n");
  const auto header = ParseNpyHeader(Bytes(file), "x.npy");
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->type, DType::kInt32);
  EXPECT_EQ(header->shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(header->data_offset, file.size());
  EXPECT_EQ(header->elements(), 12u);
}

TEST(NpyHeader, RankZeroAndOneAndTrailingCommasAreRead) {
  for (const auto& [shape, rank] : {std::pair{"()", 0u}, {"(7,)", 1u}, {"(7, 1,)", 2u}, {"(7L, 1L)", 2u}}) {
    const auto header = ParseNpyHeader(
        Bytes(File(std::string("{'shape': ") + shape + ", 'fortran_order': False, 'descr': '|b1'}")), "x");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->shape.size(), rank);
    EXPECT_EQ(header->type, DType::kBool);
  }
}

TEST(NpyHeader, EveryPrefixOfAFileIsRefusedWithoutReadingOn) {
  const std::string file = File("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }\n");
  for (size_t length = 0; length < file.size(); ++length) {
    const std::vector<std::byte> prefix =
        Bytes(file.substr(0, length));  // exactly as long: sanitizers see a read beyond
    EXPECT_FALSE(ParseNpyHeader(prefix, "x")) << length;
  }
}

TEST(NpyHeader, EveryChangedByteIsReadOrRefused) {
  const std::string file = File("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }\n");
  int refused = 0;
  for (size_t at = 0; at < file.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = file;
      changed[at] = static_cast<char>(value);
      const auto header = ParseNpyHeader(Bytes(changed), "x");
      refused += !header;
      if (header) {
        EXPECT_LE(header->data_offset, changed.size());
      }
    }
  }
  EXPECT_GT(refused, 10000);
}

TEST(NpyHeader, ErrorsSayWhatIsWrong) {
  const std::string tail = ", 'fortran_order': False, 'shape': (2,)}";
  EXPECT_THAT(ErrorOf("PK\x03\x04 something else"), HasSubstr("x.npy: not an .npy file"));
  EXPECT_THAT(ErrorOf(File("{'descr': '>i4'" + tail)), HasSubstr("element type '>i4' is not served"));
  EXPECT_THAT(ErrorOf(File("{'descr': '|O'" + tail)), HasSubstr("element type '|O' is not served"));
  EXPECT_THAT(ErrorOf(File("{'descr': [('a', '<i4')]" + tail)), HasSubstr("'descr' is not one plain type"));
  EXPECT_THAT(ErrorOf(File("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3)}")), HasSubstr("Fortran order"));
  EXPECT_THAT(ErrorOf(File("{'descr': '<i4', 'fortran_order': False}")), HasSubstr("lacks"));
  EXPECT_THAT(ErrorOf(File("{'descr': '<i4', 'fortran_order': False, 'shape': (-1,)}")), HasSubstr("not a size"));
  EXPECT_THAT(ErrorOf(File("{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}")),
              HasSubstr("too large"));
  EXPECT_THAT(ErrorOf(File("{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,)}")),
              HasSubstr("not a size"));
}

TEST(NpyHeader, WrittenHeadersAreReadBackAndAligned) {
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{}, {5}, {10000, 28, 28, 1}, std::vector<int64_t>(32, 1)}) {
    const std::string text = FormatNpyHeader(DType::kFloat32, shape);
    EXPECT_EQ(text.size() % 64, 0u);
    const auto header = ParseNpyHeader(Bytes(text), "x");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->shape, shape);
    EXPECT_EQ(header->data_offset, text.size());
  }
}

TEST_F(NpyFiles, ContentMustBeAsLongAsTheShapeSays) {
  const std::string dict = "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }";
  Put(File(dict, "abc"));
  auto file = NpyFile::Open(path_);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("takes 4 bytes, the file has 3"));
  Put(File(dict, "abcde"));
  EXPECT_FALSE(NpyFile::Open(path_));
  Put(File(dict, "abcd"));
  file = NpyFile::Open(path_);
  ASSERT_TRUE(file) << file.error().message;
  std::byte two[2];
  ASSERT_TRUE(file->Read(1, two));
  EXPECT_EQ(std::memcmp(two, "bc", 2), 0);
}

TEST_F(NpyFiles, AFileCutShortWhileItIsReadIsAnError) {
  Put(File("{'descr': '|i1', 'fortran_order': False, 'shape': (4,), }", "abcd"));
  const auto file = NpyFile::Open(path_);
  ASSERT_TRUE(file);
  std::filesystem::resize_file(path_, file->header().data_offset + 1);
  std::byte four[4];
  const auto read = file->Read(0, four);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
}

TEST_F(NpyFiles, AnUnfinishedFileIsRemoved) {
  {
    auto writer = NpyWriter::Create(path_, DType::kInt8, {4});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->Write(Bytes("abc")));
    EXPECT_FALSE(writer->Write(Bytes("de")));  // one too many
    EXPECT_FALSE(writer->Close());             // one too few
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(NpyFiles, PiecesLargerThanTheBufferArriveWhole) {
  std::string content(1'000'003, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  auto writer = NpyWriter::Create(path_, DType::kInt8, {static_cast<int64_t>(content.size())});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->Write(Bytes(content.substr(0, 5))));
  ASSERT_TRUE(writer->Write(Bytes(content.substr(5, 900'000))));
  ASSERT_TRUE(writer->Write(Bytes(content.substr(900'005))));
  ASSERT_TRUE(writer->Close());
  const auto file = NpyFile::Open(path_);
  ASSERT_TRUE(file) << file.error().message;
  std::vector<std::byte> back(content.size());
  ASSERT_TRUE(file->Read(0, back));
  EXPECT_EQ(std::memcmp(back.data(), content.data(), content.size()), 0);
}

TEST(NpyFile, AFolderOrMissingFileIsAnError) {
  EXPECT_FALSE(NpyFile::Open("/"));
  EXPECT_FALSE(NpyFile::Open("/nonexistent/x.npy"));
}

}  // namespace
}  // namespace glimpse::cli
