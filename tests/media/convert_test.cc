// SPDX-License-Identifier: Apache-2.0
// One picture in every pixel format: what the model gets is the same, or as near as the format allows.
#include "media/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iostream>
#include <string>

#include "base/strings.h"
#include "media/picture.h"
#include "media/preprocess.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

// What U and V are, from 0 to 255, for the whole picture or for each sample.
using Chroma = uint8_t (*)(int x, int y);

uint8_t Neutral(int, int) { return 128; }

// A frame of `format` whose luma is `luma`, with padding of `pad` bytes that no one may read at the end of each row.
// The R, G, B formats hold luma three times: they have no chroma.
Frame Encode(PixelFormat format, const Image& luma, Chroma u, Chroma v, size_t pad) {
  Frame frame;
  frame.format = format;
  frame.width = luma.width;
  frame.height = luma.height;
  const PixelFormatInfo& info = InfoOf(format);
  size_t size = 0;
  for (size_t p = 0; p < info.planes; ++p) {
    frame.planes[p] = {size, RowBytes(format, p, luma.width) + pad};
    size += frame.planes[p].stride * RowCount(format, p, luma.height);
  }
  auto bytes = std::make_shared<std::vector<uint8_t>>(size, uint8_t{0xa5});
  const auto at = [&](size_t p, int y, size_t x) -> uint8_t& {
    return (*bytes)[frame.planes[p].offset + static_cast<size_t>(y) * frame.planes[p].stride + x];
  };
  for (int y = 0; y < luma.height; ++y) {
    for (int x = 0; x < luma.width; ++x) {
      const auto column = static_cast<size_t>(x);
      const uint8_t level = luma.Row(y)[x];
      const int cx = x >> info.chroma_x_half;
      const int cy = y >> info.chroma_y_half;
      if (IsRgb(format)) {
        for (size_t c = 0; c < info.unit_bytes; ++c) at(0, y, column * info.unit_bytes + c) = level;
      } else if (info.unit_pixels == 2) {
        const size_t first = format == PixelFormat::kYuyv ? 0 : 1;
        at(0, y, column * 2 + first) = level;
        at(0, y, column / 2 * 4 + 1 - first) = u(cx, cy);
        at(0, y, column / 2 * 4 + 3 - first) = v(cx, cy);
      } else {
        at(0, y, column) = level;
        if (info.planes == 2) {
          at(1, cy, static_cast<size_t>(cx) * 2) = u(cx, cy);
          at(1, cy, static_cast<size_t>(cx) * 2 + 1) = v(cx, cy);
        } else if (info.planes == 3) {
          at(1, cy, static_cast<size_t>(cx)) = u(cx, cy);
          at(2, cy, static_cast<size_t>(cx)) = v(cx, cy);
        }
      }
    }
  }
  frame.storage = bytes;
  EXPECT_TRUE(frame.IsConsistent()) << info.name;
  return frame;
}

// A dark digit on uneven paper.
Image Digit(int width, int height) {
  Image image = RingOnPaper(width, height, width / 2, height / 2, height / 3, height / 12 + 1, 200, 40);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.Row(y)[x] = static_cast<uint8_t>(image.Row(y)[x] + x * 30 / width);
  }
  return image;
}

std::vector<std::byte> Tensor(const Frame& frame, std::optional<config::Region> region) {
  auto preprocessor = Preprocessor::Create(config::Pipeline().preprocess, std::move(region), InputSpec());
  EXPECT_TRUE(preprocessor);
  std::vector<std::byte> tensor(28 * 28);
  const auto report = preprocessor->Run(frame, tensor);
  EXPECT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->blank);
  return tensor;
}

TEST(PixelFormats, EveryFormatIsListedOnceWithANameAndACodeOfItsOwn) {
  EXPECT_EQ(PixelFormats().size(), static_cast<size_t>(PixelFormat::kYuv444) + 1);
  for (const PixelFormatInfo& info : PixelFormats()) {
    EXPECT_EQ(&InfoOf(info.format), &info);
    EXPECT_EQ(PixelFormatFromName(info.name), info.format);
    EXPECT_EQ(PixelFormatFromV4l2(info.v4l2_fourcc), info.format);
  }
  EXPECT_EQ(PixelFormatFromName("rgb"), std::nullopt);
}

TEST(PixelFormats, APictureHasTheBytesOfItsPlanes) {
  EXPECT_EQ(PictureBytes(PixelFormat::kYuv420, 5, 3), 15u + 2 * 3 * 2);
  EXPECT_EQ(PictureBytes(PixelFormat::kYuv422, 5, 3), 15u + 2 * 3 * 3);
  EXPECT_EQ(PictureBytes(PixelFormat::kNv12, 5, 3), 15u + 6 * 2);
  EXPECT_EQ(PictureBytes(PixelFormat::kUyvy, 5, 3), 12u * 3);
  EXPECT_EQ(PictureBytes(PixelFormat::kXrgb32, 5, 3), 60u);
}

TEST(Formats, TheSameGreyPictureGivesTheSameTensorInEveryFormat) {
  for (const auto& [width, height] : {std::pair{64, 96}, std::pair{65, 97}}) {
    const Image luma = Digit(width, height);
    const std::string pgm =
        StrCat("P5 ", width, " ", height, " 255\n") + std::string(luma.pixels.begin(), luma.pixels.end());
    const auto picture = DecodePicture(AsBytes(pgm), "picture.pgm");
    ASSERT_TRUE(picture);
    // A region at odd places shifts pairs of pixels against their chroma.
    for (const auto& region : {std::optional<config::Region>(), std::optional(config::Region{"r", 7, 5, 51, 85})}) {
      const std::vector<std::byte> expected = Tensor(*picture, region);
      for (const PixelFormatInfo& info : PixelFormats()) {
        for (const size_t pad : {size_t{0}, size_t{13}}) {
          EXPECT_EQ(Tensor(Encode(info.format, luma, Neutral, Neutral, pad), region), expected)
              << info.name << ", " << pad << " bytes of padding";
        }
      }
    }
  }
}

TEST(Formats, NothingOutsideTheRegionIsRead) {
  const Image luma = Digit(64, 96);
  const config::Region region{"r", 10, 20, 40, 50};
  for (const PixelFormatInfo& info : PixelFormats()) {
    const Frame whole = Encode(info.format, luma, Neutral, Neutral, 0);
    // The same with storage that holds no more than the rows of the region: what lies before and after is not there.
    Frame cut = whole;
    const size_t first_row = 20;
    const auto bytes = std::make_shared<std::vector<uint8_t>>(*whole.storage);
    std::fill_n(bytes->begin(), first_row * whole.planes[0].stride, uint8_t{0x5a});
    std::fill(bytes->begin() + static_cast<std::ptrdiff_t>(70 * whole.planes[0].stride),
              bytes->begin() + static_cast<std::ptrdiff_t>(96 * whole.planes[0].stride), uint8_t{0x5a});
    cut.storage = bytes;
    EXPECT_EQ(Tensor(cut, region), Tensor(whole, region)) << info.name;
  }
}

TEST(Formats, LumaInLimitedRangeDiffersFromRealNumbersByLessThanOne) {
  Image luma = GreyImage(256, 1, {});
  luma.Reshape(256, 1, 1);
  for (int i = 0; i < 256; ++i) luma.Row(0)[i] = static_cast<uint8_t>(i);
  double worst = 0;
  for (const PixelFormatInfo& info : PixelFormats()) {
    if (IsRgb(info.format)) continue;
    Frame frame = Encode(info.format, luma, Neutral, Neutral, 0);
    frame.colour.range = Range::kLimited;
    Image grey;
    ToGrey(frame, {0, 0, 256, 1}, grey);
    for (int i = 0; i < 256; ++i) {
      const double real = std::clamp((i - 16) * 255.0 / 219, 0.0, 255.0);
      worst = std::max(worst, std::abs(real - grey.Row(0)[i]));
    }
  }
  std::cout << "limited range, luma: at most " << worst << " of 255 from the formula in real numbers\n";
  EXPECT_LE(worst, 0.5) << "one rounding";
}

// R, G, B in real numbers, by the definition of the matrix and nothing else.
std::array<double, 3> RealRgb(const Colour& colour, int y, int u, int v) {
  const bool hd = colour.matrix == Matrix::kBt709;
  const double kr = hd ? 0.2126 : 0.299;
  const double kb = hd ? 0.0722 : 0.114;
  const double kg = 1 - kr - kb;
  const bool limited = colour.range == Range::kLimited;
  const double luma = limited ? (y - 16) * 255.0 / 219 : y;
  const double blue = (u - 128) * (limited ? 255.0 / 224 : 1);
  const double red = (v - 128) * (limited ? 255.0 / 224 : 1);
  const double r = luma + 2 * (1 - kr) * red;
  const double b = luma + 2 * (1 - kb) * blue;
  const double g = (luma - kr * r - kb * b) / kg;
  return {std::clamp(r, 0.0, 255.0), std::clamp(g, 0.0, 255.0), std::clamp(b, 0.0, 255.0)};
}

TEST(Formats, ColourDiffersFromRealNumbersByLessThanOne) {
  const auto u_of = [](int x, int) { return static_cast<uint8_t>(x * 7); };
  const auto v_of = [](int x, int y) { return static_cast<uint8_t>(x * 3 + y * 11 + 200); };
  Image luma = GreyImage(1, 1, {});
  luma.Reshape(67, 258, 1);
  for (int y = 0; y < luma.height; ++y) {
    for (int x = 0; x < luma.width; ++x) luma.Row(y)[x] = static_cast<uint8_t>(y + 5 * x);
  }
  double worst = 0;
  for (const PixelFormatInfo& info : PixelFormats()) {
    if (IsRgb(info.format) || info.format == PixelFormat::kGrey8) continue;
    Frame frame = Encode(info.format, luma, u_of, v_of, 3);
    for (const Matrix matrix : {Matrix::kBt601, Matrix::kBt709}) {
      for (const Range range : {Range::kFull, Range::kLimited}) {
        frame.colour = {matrix, range};
        Image rgb;
        ToRgb(frame, {1, 1, 65, 256}, rgb);
        double here = 0;
        for (int y = 0; y < rgb.height; ++y) {
          for (int x = 0; x < rgb.width; ++x) {
            const int cx = (x + 1) >> info.chroma_x_half;
            const int cy = (y + 1) >> info.chroma_y_half;
            const auto real = RealRgb(frame.colour, luma.Row(y + 1)[x + 1], u_of(cx, cy), v_of(cx, cy));
            for (size_t c = 0; c < 3; ++c) {
              here = std::max(here, std::abs(real[c] - rgb.Row(y)[static_cast<size_t>(x) * 3 + c]));
            }
          }
        }
        EXPECT_LT(here, 0.51) << info.name << " " << ColourName(frame.colour);
        worst = std::max(worst, here);
      }
    }
  }
  std::cout << "colour, both matrices and ranges: at most " << worst << " of 255 from the formula in real numbers\n";
}

}  // namespace
}  // namespace glimpse::media
