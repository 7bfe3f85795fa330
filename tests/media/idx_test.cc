// SPDX-License-Identifier: Apache-2.0
#include "media/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using testing::HasSubstr;

std::string Header(uint8_t type, const std::vector<uint32_t>& dims) {
  std::string header = {0, 0, static_cast<char>(type), static_cast<char>(dims.size())};
  for (const uint32_t dim : dims) {
    for (int shift = 24; shift >= 0; shift -= 8) header.push_back(static_cast<char>(dim >> shift));
  }
  return header;
}

std::string Gzip(const std::string& text) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()) + 32, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

TEST(IdxImages, ReadsPlainAndGzip) {
  const std::string file = Header(8, {2, 2, 3}) + "abcdefghijkl";
  for (const std::string& bytes : {file, Gzip(file)}) {
    const auto images = ParseIdxImages(AsBytes(bytes), "x.idx");
    ASSERT_TRUE(images) << images.error().message;
    EXPECT_EQ(images->count, 2u);
    EXPECT_EQ(images->height, 2u);
    EXPECT_EQ(images->width, 3u);
    EXPECT_EQ(images->Image(1)[0], 'g');
    EXPECT_EQ(images->Image(1).size(), 6u);
  }
}

TEST(IdxLabels, ReadsPlainAndGzip) {
  const std::string file = Header(8, {3}) + std::string("\x07\x00\x02", 3);
  for (const std::string& bytes : {file, Gzip(file)}) {
    const auto labels = ParseIdxLabels(AsBytes(bytes), "y.idx");
    ASSERT_TRUE(labels) << labels.error().message;
    EXPECT_EQ(*labels, (std::vector<uint8_t>{7, 0, 2}));
  }
}

TEST(IdxImages, SaysWhatIsWrong) {
  const std::string good = Header(8, {2, 2, 3}) + "abcdefghijkl";
  std::string wrong_magic = good;
  wrong_magic[1] = 1;
  const std::pair<std::string, std::string> cases[] = {
      {"", "no 4-byte magic"},
      {std::string("\0\0", 2), "no 4-byte magic"},
      {wrong_magic, "two zero bytes"},
      {Header(13, {2, 2, 3}), "type 13"},
      {Header(8, {3}) + "abc", "labels' file"},
      {good.substr(0, 9), "within its header"},
      {Header(8, {0, 28, 28}), "dimension 0 is 0"},
      {Header(8, {1, 0, 28}), "dimension 1 is 0"},
      {good.substr(0, good.size() - 1), "ends after 11"},
      {good + "m", "goes on"},
      {Gzip(good).substr(0, 20), "damaged or cut off"},
      {Gzip(good + "m"), "goes on"},
      {Gzip(good.substr(0, good.size() - 1)), "ends after 11"},
  };
  for (const auto& [bytes, part] : cases) {
    const auto images = ParseIdxImages(AsBytes(bytes), "bad.idx");
    ASSERT_FALSE(images) << part;
    EXPECT_EQ(images.error().code, ErrorCode::kInvalidArgument) << part;
    EXPECT_THAT(images.error().message, HasSubstr("bad.idx: "));
    EXPECT_THAT(images.error().message, HasSubstr(part));
  }
  const auto labels = ParseIdxLabels(AsBytes(good), "bad.idx");
  ASSERT_FALSE(labels);
  EXPECT_THAT(labels.error().message, HasSubstr("images' file"));
}

TEST(IdxImages, LyingHeadersTakeNoMemory) {
  const uint32_t most = 0xffffffff;
  EXPECT_EQ(ParseIdxImages(AsBytes(Header(8, {most, most, most})), "x").error().code, ErrorCode::kExhausted);
  // Below the limit, so the data decide.
  const auto claims = ParseIdxImages(AsBytes(Header(8, {1000, 1000, 1000}) + "abc"), "x");
  ASSERT_FALSE(claims);
  EXPECT_THAT(claims.error().message, HasSubstr("1000000000 bytes"));
  Limits limits;
  limits.max_pixels = 5;
  EXPECT_EQ(ParseIdxImages(AsBytes(Header(8, {2, 2, 3}) + "abcdefghijkl"), "x", limits).error().code,
            ErrorCode::kExhausted);
}

TEST(IdxImages, AGzipBombEndsAtThePromisedSize) {
  const std::string bomb = Gzip(Header(8, {1, 2, 2}) + std::string(8u << 20, 'x'));
  const auto images = ParseIdxImages(AsBytes(bomb), "bomb.gz");
  ASSERT_FALSE(images);
  EXPECT_THAT(images.error().message, HasSubstr("goes on after the 4 bytes"));
}

TEST(IdxImages, ADamagedCheckSumIsNoticed) {
  std::string bytes = Gzip(Header(8, {2, 2, 3}) + "abcdefghijkl");
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);
  EXPECT_FALSE(ParseIdxImages(AsBytes(bytes), "x"));
}

TEST(IdxImages, SurvivesMutation) {
  const std::string plain = Header(8, {2, 2, 3}) + "abcdefghijkl";
  const std::string packed = Gzip(plain);
  std::mt19937 random(5);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = round % 2 == 0 ? plain : packed;
    for (auto edits = 1 + random() % 3; edits > 0; --edits)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto images = ParseIdxImages(AsBytes(bytes), "mutant");
    if (!images) {
      ++refused;
      continue;
    }
    ASSERT_EQ(images->pixels.size(), uint64_t{images->count} * images->width * images->height);
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace glimpse::media
