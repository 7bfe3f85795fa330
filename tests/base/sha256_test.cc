// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"

namespace glimpse {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> BytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

// FIPS 180-2, B.1.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, IsTheStandardsDigest) {
  EXPECT_EQ(ToHex(Sha256(BytesOf("abc"))), kOfAbc);
  EXPECT_EQ(Sha256Text(Sha256(BytesOf("abc"))), std::string("sha256:") + kOfAbc);
  EXPECT_EQ(ToHex(Sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  Sha256Stream stream;
  for (int round = 0; round < 2; ++round) {
    stream.Add(BytesOf("a"));
    stream.Add({});
    stream.Add(BytesOf("bc"));
    EXPECT_EQ(ToHex(stream.Take()), kOfAbc);
  }
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  std::string name = (fs::temp_directory_path() / "glimpse-sha256-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  const std::string path = (folder / "file").string();
  const std::string text(300'000, 'x');  // more than is read at a time
  ASSERT_TRUE(WriteFile(path, BytesOf(text)));
  const auto digest = Sha256OfFile(path, text.size());
  ASSERT_TRUE(digest) << digest.error().message;
  EXPECT_EQ(*digest, Sha256(BytesOf(text)));
  EXPECT_EQ(Sha256OfFile(path, text.size() - 1).error().code, ErrorCode::kExhausted);
  EXPECT_EQ(Sha256OfFile((folder / "none").string(), 10).error().code, ErrorCode::kIo);
  fs::remove_all(folder);
}

TEST(Hexadecimal, IsReadExactly) {
  const auto digest = Sha256(BytesOf("abc"));
  EXPECT_EQ(DigestFromHex(kOfAbc), digest);
  std::string text = kOfAbc;
  text[1] = 'A';
  EXPECT_EQ(DigestFromHex(text), digest);
  for (const char wrong : {'g', '/', ':', '@', '`', ' ', '\0'}) {
    text[1] = wrong;
    EXPECT_FALSE(DigestFromHex(text)) << wrong;
  }
  EXPECT_FALSE(DigestFromHex(std::string(kOfAbc) + "00"));
  EXPECT_FALSE(DigestFromHex(std::string(kOfAbc).substr(1)));
  EXPECT_FALSE(DigestFromHex(""));
}

}  // namespace
}  // namespace glimpse
