// SPDX-License-Identifier: Apache-2.0
#include "media/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

std::span<const std::byte> Raw(const Bytes& bytes) { return std::as_bytes(std::span(bytes)); }

Bytes Wedge(int width, int height, int channels) {
  Bytes pixels;
  for (int i = 0; i < width * height * channels; ++i) pixels.push_back(static_cast<uint8_t>(i * 7));
  return pixels;
}

void Put32(Bytes& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

void PutChunk(Bytes& png, const std::string& kind, const Bytes& data) {
  Put32(png, static_cast<uint32_t>(data.size()));
  Bytes body(kind.begin(), kind.end());
  body.insert(body.end(), data.begin(), data.end());
  png.insert(png.end(), body.begin(), body.end());
  Put32(png, static_cast<uint32_t>(::crc32(0, body.data(), static_cast<uInt>(body.size()))));
}

// A PNG put together by hand: `rows` are the filtered rows, `palette` may be empty.
Bytes HandmadePng(uint32_t width, uint32_t height, uint8_t depth, uint8_t kind, const Bytes& rows,
                  const Bytes& palette = {}) {
  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  Put32(header, width);
  Put32(header, height);
  header.insert(header.end(), {depth, kind, 0, 0, 0});
  PutChunk(png, "IHDR", header);
  if (!palette.empty()) PutChunk(png, "PLTE", palette);
  uLongf size = ::compressBound(rows.size());
  Bytes packed(size);
  ::compress(packed.data(), &size, rows.data(), rows.size());
  packed.resize(size);
  PutChunk(png, "IDAT", packed);
  PutChunk(png, "IEND", {});
  return png;
}

Bytes MakeJpeg(int width, int height, bool grey) {
  const Bytes pixels = Wedge(width, height, grey ? 1 : 3);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  tjhandle handle = tjInitCompress();
  EXPECT_EQ(tjCompress2(handle, pixels.data(), width, 0, height, grey ? TJPF_GRAY : TJPF_RGB, &out, &size,
                        grey ? TJSAMP_GRAY : TJSAMP_420, 90, 0),
            0);
  Bytes jpeg(out, out + size);
  tjFree(out);
  tjDestroy(handle);
  return jpeg;
}

TEST(EncodePng, RoundTripsGreyAndColourExactly) {
  for (const PixelFormat format : {PixelFormat::kGrey8, PixelFormat::kRgb24}) {
    const Bytes pixels = Wedge(13, 7, format == PixelFormat::kGrey8 ? 1 : 3);
    const auto png = EncodePng(MakeFrame(format, 13, 7, pixels));
    ASSERT_TRUE(png) << png.error().message;
    const auto back = DecodePicture(*png, "round.png");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->format, format);
    EXPECT_EQ(back->width, 13);
    EXPECT_EQ(back->height, 7);
    EXPECT_EQ(back->origin, "round.png");
    EXPECT_EQ(PixelsOf(*back), pixels);
  }
}

TEST(EncodePng, RefusesOtherFormats) {
  EXPECT_EQ(EncodePng(MakeFrame(PixelFormat::kXrgb32, 1, 1, {1, 2, 3, 4})).error().code, ErrorCode::kInvalidArgument);
}

TEST(DecodePng, ReducesSixteenBitsWithoutBrightening) {
  const auto frame = DecodePicture(Raw(HandmadePng(2, 1, 16, 0, {0, 0x80, 0x00, 0xff, 0xff})), "deep.png");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(PixelsOf(*frame), (Bytes{128, 255}));
}

TEST(DecodePng, ResolvesAPalette) {
  const auto frame = DecodePicture(Raw(HandmadePng(2, 1, 8, 3, {0, 1, 0}, {1, 2, 3, 200, 100, 50})), "palette.png");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->format, PixelFormat::kRgb24);
  EXPECT_EQ(PixelsOf(*frame), (Bytes{200, 100, 50, 1, 2, 3}));
}

TEST(DecodePng, SpreadsOneBitToBlackAndWhite) {
  const auto frame = DecodePicture(Raw(HandmadePng(3, 1, 1, 0, {0, 0xa0})), "bits.png");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(PixelsOf(*frame), (Bytes{255, 0, 255}));
}

TEST(DecodePng, LaysTransparencyOverWhite) {
  // Grey with alpha: black, invisible and opaque.
  const auto frame = DecodePicture(Raw(HandmadePng(2, 1, 8, 4, {0, 0, 0, 0, 255})), "alpha.png");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(PixelsOf(*frame), (Bytes{255, 0}));
}

TEST(DecodePicture, RefusesGiantDimensionsBeforeTakingMemory) {
  const Bytes png = HandmadePng(900000, 900000, 8, 0, {0});
  EXPECT_EQ(DecodePicture(Raw(png), "giant.png").error().code, ErrorCode::kExhausted);
  const auto beyond = DecodePicture(Raw(HandmadePng(0x7fffffff, 0x7fffffff, 8, 0, {0})), "giant.png");
  ASSERT_FALSE(beyond);
  EXPECT_THAT(beyond.error().message, HasSubstr("giant.png"));
  const auto pgm = DecodePicture(AsBytes("P5 2000000000 2000000000 255\n"), "giant.pgm");
  ASSERT_FALSE(pgm);
  EXPECT_EQ(pgm.error().code, ErrorCode::kExhausted);
  Bytes jpeg = MakeJpeg(8, 8, true);
  const Bytes marker = {0xff, 0xc0};
  const auto sof = std::search(jpeg.begin(), jpeg.end(), marker.begin(), marker.end());
  ASSERT_NE(sof, jpeg.end());
  sof[5] = sof[7] = 0xff;  // height and width 65296; libjpeg's own limit is 65500
  sof[6] = sof[8] = 0x10;
  EXPECT_EQ(DecodePicture(Raw(jpeg), "giant.jpg").error().code, ErrorCode::kExhausted);
}

TEST(DecodePicture, HonoursNarrowerLimits) {
  Limits limits;
  limits.max_pixels = 63;
  EXPECT_EQ(DecodePicture(Raw(MakeJpeg(8, 8, true)), "x", limits).error().code, ErrorCode::kExhausted);
  limits.max_pixels = 64;
  EXPECT_TRUE(DecodePicture(Raw(MakeJpeg(8, 8, true)), "x", limits));
  limits.max_file_bytes = 10;
  EXPECT_EQ(DecodePicture(Raw(MakeJpeg(8, 8, true)), "x", limits).error().code, ErrorCode::kExhausted);
}

TEST(DecodePicture, RefusesZeroSizes) {
  EXPECT_EQ(DecodePicture(Raw(HandmadePng(0, 5, 8, 0, {0})), "x").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(DecodePicture(AsBytes("P5 0 3 255\n"), "x").error().code, ErrorCode::kInvalidArgument);
}

TEST(DecodePicture, RefusesEveryTruncation) {
  std::vector<Bytes> pictures = {MakeJpeg(16, 16, true), MakeJpeg(16, 16, false)};
  for (const Bytes& picture : pictures) {
    // The last two bytes of a JPEG are its end marker; without it the picture counts as cut off.
    for (size_t size = 0; size < picture.size() - 2; ++size) {
      const Bytes cut(picture.begin(), picture.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(DecodePicture(Raw(cut), "cut.jpg")) << size << " of " << picture.size();
    }
  }
  const auto png = EncodePng(GreyFrame(9, 9, Wedge(9, 9, 1)));
  ASSERT_TRUE(png);
  const std::span<const std::byte> whole(*png);
  for (size_t size = 0; size + 20 < whole.size(); ++size) EXPECT_FALSE(DecodePicture(whole.first(size), "cut.png"));
  const std::string pgm = "P5 3 2 255\nabcdef";
  for (size_t size = 0; size < pgm.size(); ++size) EXPECT_FALSE(DecodePicture(AsBytes(pgm).first(size), "cut.pgm"));
  EXPECT_TRUE(DecodePicture(AsBytes(pgm), "whole.pgm"));
}

TEST(DecodeJpeg, GivesGreyAsGreyAndColourAsColour) {
  const auto grey = DecodePicture(Raw(MakeJpeg(17, 9, true)), "g.jpg");
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_EQ(grey->format, PixelFormat::kGrey8);
  const auto colour = DecodePicture(Raw(MakeJpeg(17, 9, false)), "c.jpg");
  ASSERT_TRUE(colour) << colour.error().message;
  EXPECT_EQ(colour->format, PixelFormat::kRgb24);
  EXPECT_EQ(colour->width, 17);
  EXPECT_TRUE(colour->IsConsistent());
}

TEST(DecodeNetpbm, ReadsRawAndPlainWithComments) {
  const auto raw = DecodePicture(AsBytes("P5\n# by hand\n2 1 255\n\x0a\xff"), "a.pgm");
  ASSERT_TRUE(raw) << raw.error().message;
  EXPECT_EQ(PixelsOf(*raw), (Bytes{10, 255}));
  const auto plain = DecodePicture(AsBytes("P3 1 2 255 1 2 3\n4 # four\n5 6"), "b.ppm");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->format, PixelFormat::kRgb24);
  EXPECT_EQ(PixelsOf(*plain), (Bytes{1, 2, 3, 4, 5, 6}));
}

TEST(DecodeNetpbm, ScalesEveryLargestValueTo255) {
  const auto four_bits = DecodePicture(AsBytes("P2 3 1 15 0 7 15"), "c.pgm");
  ASSERT_TRUE(four_bits) << four_bits.error().message;
  EXPECT_EQ(PixelsOf(*four_bits), (Bytes{0, 119, 255}));  // 7 * 17
  const auto sixteen = DecodePicture(AsBytes(std::string_view("P5 2 1 65535 \x80\x00\xff\xff", 18)), "d.pgm");
  ASSERT_TRUE(sixteen) << sixteen.error().message;
  EXPECT_EQ(PixelsOf(*sixteen), (Bytes{128, 255}));
}

TEST(DecodeNetpbm, SaysWhatIsWrong) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"P5 2 2 255\nab", "ends before its last pixel"},
      {"P2 2 1 15 3 16", "larger than the largest value"},
      {"P2 2 1 255 3 x..", "not a number"},
      {"P5 2 2 0\nabcd", "1 to 65535"},
      {"P5 2 2 70000\nabcd", "1 to 65535"},
      {"P5 x 2 255\n", "not a number"},
      {"P5 99999999999999999999 2 255\n", "not a number"},
      {"P4 8 1\n\x01", "P2, P3, P5 or P6"},
      {"P7 hello", "P2, P3, P5 or P6"},
  };
  for (const auto& [text, part] : cases) {
    const auto frame = DecodePicture(AsBytes(text), "bad.pgm");
    ASSERT_FALSE(frame) << text;
    EXPECT_EQ(frame.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_THAT(frame.error().message, HasSubstr("bad.pgm: ")) << text;
    EXPECT_THAT(frame.error().message, HasSubstr(part)) << text;
  }
}

TEST(DecodePicture, NamesWhatItReadsForAnythingElse) {
  for (const std::string_view text : {"", "GIF89a", "BM", "\xff\xd8", "P", "hello world"}) {
    const auto frame = DecodePicture(AsBytes(text), "other.png");
    ASSERT_FALSE(frame);
    EXPECT_THAT(frame.error().message, HasSubstr("PNG, JPEG, PGM or PPM"));
  }
}

TEST(ReadPicture, NamesAMissingFile) {
  const auto frame = ReadPicture("/nonexistent/digit.png");
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::kIo);
  EXPECT_THAT(frame.error().message, HasSubstr("/nonexistent/digit.png"));
}

// Damage of every kind must give an error or a consistent picture; the sanitizers watch the rest.
TEST(DecodePicture, SurvivesMutation) {
  std::vector<Bytes> seeds = {MakeJpeg(24, 16, true), MakeJpeg(24, 16, false),
                              HandmadePng(2, 1, 16, 0, {0, 0x80, 0x00, 0xff, 0xff}),
                              HandmadePng(2, 1, 8, 3, {0, 1, 0}, {1, 2, 3, 200, 100, 50})};
  for (const std::string_view text : {"P5 3 2 255\nabcdef", "P3 1 2 255 1 2 3 4 5 6", "P2 2 2 70 1 2 3 4"}) {
    seeds.emplace_back(text.begin(), text.end());
  }
  const auto png = EncodePng(MakeFrame(PixelFormat::kRgb24, 20, 20, Wedge(20, 20, 3)));
  ASSERT_TRUE(png);
  const auto* data = reinterpret_cast<const uint8_t*>(png->data());
  seeds.emplace_back(data, data + png->size());
  Limits limits;
  limits.max_pixels = 1u << 20;
  std::mt19937 random(20);
  int sound = 0;
  constexpr int kRounds = 20000;
  for (int round = 0; round < kRounds; ++round) {
    Bytes bytes = seeds[random() % seeds.size()];
    for (auto edits = 1 + random() % 4; edits > 0 && !bytes.empty(); --edits) {
      const size_t at = random() % bytes.size();
      const auto place = bytes.begin() + static_cast<ptrdiff_t>(at);
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<uint8_t>(random());
          break;
        case 1:
          bytes[at] = static_cast<uint8_t>(bytes[at] ^ (1u << random() % 8));
          break;
        case 2:
          bytes.erase(place);
          break;
        default:
          bytes.insert(place, static_cast<uint8_t>(random()));
      }
    }
    const auto frame = DecodePicture(Raw(bytes), "mutant", limits);
    if (!frame) {
      EXPECT_FALSE(frame.error().message.empty());
      continue;
    }
    ++sound;
    ASSERT_TRUE(frame->IsConsistent());
    ASSERT_LE(static_cast<uint64_t>(frame->width) * static_cast<uint64_t>(frame->height), limits.max_pixels);
  }
  EXPECT_GT(sound, 0) << "no mutant reached the pixels";
  EXPECT_LT(sound, kRounds);
}

}  // namespace
}  // namespace glimpse::media
