// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace glimpse {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "glimpse-file-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
};

const std::vector<std::byte> kBytes{std::byte{1}, std::byte{2}, std::byte{3}};

TEST_F(FileTest, WhatIsWrittenIsReadAndNothingElseIsLeft) {
  ASSERT_TRUE(WriteFile(Path("x"), kBytes));
  EXPECT_EQ(*ReadFile(Path("x"), 3), kBytes);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(FileTest, AFileAboveTheLimitIsNotRead) {
  ASSERT_TRUE(WriteFile(Path("x"), kBytes));
  const auto read = ReadFile(Path("x"), 2);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(read.error().message, Path("x") + ": is 3 bytes long, the limit is 2");
}

TEST_F(FileTest, AMissingFileIsNamed) {
  const auto read = ReadFile(Path("none"), 10);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
  EXPECT_EQ(read.error().message, Path("none") + ": cannot open: No such file or directory");
}

TEST_F(FileTest, AFifoDoesNotBlockAndAFolderIsNoFile) {
  ASSERT_EQ(::mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(Path("fifo"), 10).error().message, Path("fifo") + ": is not a regular file");
  EXPECT_EQ(ReadFile(folder_, 10).error().message, folder_ + ": is not a regular file");
}

}  // namespace
}  // namespace glimpse
