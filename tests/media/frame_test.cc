// SPDX-License-Identifier: Apache-2.0
#include "media/frame.h"

#include <gtest/gtest.h>

#include <limits>

#include "media/convert.h"
#include "media/flip.h"
#include "media/image.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

TEST(Frame, IsConsistentOnlyWhenEveryRowLiesInStorage) {
  Frame frame = GreyFrame(3, 2, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(frame.IsConsistent());
  frame.planes[0].offset = 1;
  EXPECT_FALSE(frame.IsConsistent());
  frame.planes[0] = {0, 2};
  EXPECT_FALSE(frame.IsConsistent()) << "rows overlap";
  frame.planes[0] = {0, std::numeric_limits<size_t>::max()};
  EXPECT_FALSE(frame.IsConsistent()) << "stride times rows overflows";
  frame.planes[0] = {std::numeric_limits<size_t>::max() - 2, 3};
  EXPECT_FALSE(frame.IsConsistent()) << "offset plus rows overflows";
  frame.planes[0] = {0, 3};
  frame.width = 0;
  EXPECT_FALSE(frame.IsConsistent());
  EXPECT_FALSE(Frame().IsConsistent());
}

TEST(Frame, HalfSizedPlanesRoundUp) {
  EXPECT_EQ(RowBytes(PixelFormat::kYuv420, 1, 5), 3u);
  EXPECT_EQ(RowCount(PixelFormat::kYuv420, 2, 5), 3u);
  EXPECT_EQ(RowBytes(PixelFormat::kNv12, 1, 5), 6u);
  EXPECT_EQ(RowBytes(PixelFormat::kYuyv, 0, 5), 12u);
}

// A 2 x 2 picture in each YUV layout: luma 10 20 / 30 40, chroma U 90, V 240.
Frame Yuv(PixelFormat format) {
  Frame frame;
  frame.format = format;
  frame.width = frame.height = 2;
  std::vector<uint8_t> bytes;
  if (format == PixelFormat::kYuyv) {
    bytes = {10, 90, 20, 240, 30, 90, 40, 240};
    frame.planes[0] = {0, 4};
  } else if (format == PixelFormat::kNv12) {
    bytes = {10, 20, 30, 40, 90, 240};
    frame.planes = {{{0, 2}, {4, 2}, {}}};
  } else {
    bytes = {10, 20, 30, 40, 90, 240};
    frame.planes = {{{0, 2}, {4, 1}, {5, 1}}};
  }
  frame.storage = std::make_shared<const std::vector<uint8_t>>(bytes);
  return frame;
}

TEST(ToGrey, TakesThePlaneOfLumaAsItIs) {
  for (const PixelFormat format : {PixelFormat::kYuyv, PixelFormat::kNv12, PixelFormat::kYuv420}) {
    Image grey;
    ToGrey(Yuv(format), {0, 0, 2, 2}, grey);
    EXPECT_EQ(grey.pixels, (std::vector<uint8_t>{10, 20, 30, 40})) << PixelFormatName(format);
    ToGrey(Yuv(format), {1, 1, 1, 1}, grey);
    EXPECT_EQ(grey.pixels, (std::vector<uint8_t>{40})) << PixelFormatName(format);
  }
}

TEST(ToRgb, UsesBt601InFullRange) {
  // V' = 112, U' = -38: R = Y + 157.02, G = Y + 13.08 - 79.98 = Y - 66.91, B = Y - 67.34.
  for (const PixelFormat format : {PixelFormat::kYuyv, PixelFormat::kNv12, PixelFormat::kYuv420}) {
    Image rgb;
    ToRgb(Yuv(format), {1, 1, 1, 1}, rgb);
    EXPECT_EQ(rgb.pixels, (std::vector<uint8_t>{197, 0, 0})) << PixelFormatName(format);
  }
  Image rgb;
  ToRgb(GreyFrame(1, 1, {77}), {0, 0, 1, 1}, rgb);
  EXPECT_EQ(rgb.pixels, (std::vector<uint8_t>{77, 77, 77}));
}

TEST(Luma, WeighsAsBt601AndKeepsEqualChannels) {
  EXPECT_EQ(Luma(255, 0, 0), 76);   // 76.245
  EXPECT_EQ(Luma(0, 255, 0), 150);  // 149.685
  EXPECT_EQ(Luma(0, 0, 255), 29);   // 29.07
  for (unsigned level = 0; level < 256; ++level) EXPECT_EQ(Luma(level, level, level), level);
}

TEST(ToGrey, FindsRedGreenAndBlueInEveryByteOrder) {
  const std::pair<PixelFormat, std::vector<uint8_t>> orders[] = {{PixelFormat::kRgb24, {250, 100, 7}},
                                                                 {PixelFormat::kBgr24, {7, 100, 250}},
                                                                 {PixelFormat::kXrgb32, {7, 100, 250, 99}},
                                                                 {PixelFormat::kXbgr32, {250, 100, 7, 99}}};
  for (const auto& [format, bytes] : orders) {
    Image image;
    ToGrey(MakeFrame(format, 1, 1, bytes), {0, 0, 1, 1}, image);
    EXPECT_EQ(image.pixels[0], Luma(250, 100, 7)) << PixelFormatName(format);
    ToRgb(MakeFrame(format, 1, 1, bytes), {0, 0, 1, 1}, image);
    EXPECT_EQ(image.pixels, (std::vector<uint8_t>{250, 100, 7})) << PixelFormatName(format);
  }
}

TEST(CopyPlane, LeavesOutThePaddingOfRows) {
  const uint8_t in[] = {1, 2, 0xee, 0xee, 3, 4};
  uint8_t out[4];
  CopyPlane(PixelFormat::kGrey8, 0, 2, 2, in, 4, false, false, out);
  EXPECT_EQ(std::vector<uint8_t>(out, out + 4), (std::vector<uint8_t>{1, 2, 3, 4}));
}

TEST(CopyPlane, FlipsPixelsNotBytes) {
  const uint8_t rgb[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  uint8_t out[12];
  CopyPlane(PixelFormat::kRgb24, 0, 2, 2, rgb, 6, true, true, out);
  EXPECT_EQ(std::vector<uint8_t>(out, out + 12), (std::vector<uint8_t>{10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3}));
  const uint8_t yuyv[] = {1, 90, 2, 91, 3, 92, 4, 93};
  CopyPlane(PixelFormat::kYuyv, 0, 4, 1, yuyv, 8, true, false, out);
  EXPECT_EQ(std::vector<uint8_t>(out, out + 8), (std::vector<uint8_t>{4, 92, 3, 93, 2, 90, 1, 91}));
  const uint8_t chroma[] = {1, 2, 3, 4};
  CopyPlane(PixelFormat::kNv12, 1, 4, 2, chroma, 4, true, false, out);
  EXPECT_EQ(std::vector<uint8_t>(out, out + 4), (std::vector<uint8_t>{3, 4, 1, 2}));
}

}  // namespace
}  // namespace glimpse::media
