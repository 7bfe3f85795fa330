// SPDX-License-Identifier: Apache-2.0
// The V4L2 source on a camera that does what a script says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <numeric>

#include "base/strings.h"
#include "media/convert.h"
#include "media/picture.h"
#include "media/v4l2/v4l2_source.h"
#include "tests/media/fake_v4l2.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using testing::HasSubstr;
using What = FakeEvent::What;

config::Camera Settings(const std::string& id = "auto") {
  config::Camera camera;
  camera.source = config::Camera::Source::kV4l2;
  camera.id = id;
  camera.width = 64;
  camera.height = 48;
  return camera;
}

class V4l2Test : public testing::Test {
 protected:
  V4l2Test() : camera_(devices_.Plug("/dev/video0")) {
    // Every byte tells which frame it is of.
    camera_->paint = [](uint64_t number, const v4l2_pix_format& pix) {
      return std::vector<uint8_t>(pix.sizeimage, static_cast<uint8_t>(number));
    };
  }
  ~V4l2Test() override { EXPECT_EQ(camera_->leaked_maps, 0); }

  Result<std::unique_ptr<Source>> TryOpen(const config::Camera& settings) {
    SourceOptions options;
    options.v4l2 = &devices_;
    return OpenSource(settings, "front", options);
  }
  std::unique_ptr<Source> Open(const config::Camera& settings = Settings()) {
    auto source = TryOpen(settings);
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }
  std::string OpenError(const config::Camera& settings, ErrorCode code) {
    const auto source = TryOpen(settings);
    EXPECT_FALSE(source);
    if (source) return "";
    EXPECT_EQ(source.error().code, code);
    EXPECT_THAT(source.error().message, HasSubstr("camera 'front': "));
    return source.error().message;
  }
  static Frame NextFrame(Source& source) {
    auto frame = source.Next({});
    EXPECT_TRUE(frame) << frame.error().message;
    EXPECT_TRUE(frame && *frame);
    return frame && *frame ? std::move(**frame) : Frame();
  }
  static std::string NextError(Source& source) {
    const auto frame = source.Next({});
    EXPECT_FALSE(frame);
    if (frame) return "";
    EXPECT_EQ(frame.error().code, ErrorCode::kIo);
    return frame.error().message;
  }

  FakeV4l2Devices devices_;
  std::shared_ptr<FakeCamera> camera_;
};

TEST_F(V4l2Test, GivesThePixelsOfTheCameraWithoutThePaddingOfItsRows) {
  for (const auto& [fourcc, format] : {std::pair{V4L2_PIX_FMT_YUYV, PixelFormat::kYuyv},
                                       {V4L2_PIX_FMT_UYVY, PixelFormat::kUyvy},
                                       {V4L2_PIX_FMT_YUV420, PixelFormat::kYuv420},
                                       {V4L2_PIX_FMT_NV12, PixelFormat::kNv12},
                                       {V4L2_PIX_FMT_RGB24, PixelFormat::kRgb24},
                                       {V4L2_PIX_FMT_GREY, PixelFormat::kGrey8}}) {
    camera_->formats = {fourcc};
    camera_->padding = 16;
    std::vector<uint8_t> expected;
    camera_->paint = [&, kind = format](uint64_t, const v4l2_pix_format& pix) {
      std::vector<uint8_t> buffer(pix.sizeimage, uint8_t{0xee});
      expected.clear();
      size_t at = 0;
      uint8_t value = 0;
      for (size_t p = 0; p < PlaneCount(kind); ++p) {
        const size_t stride = p > 0 && kind == PixelFormat::kYuv420 ? pix.bytesperline / 2 : pix.bytesperline;
        for (size_t y = 0; y < RowCount(kind, p, 48); ++y, at += stride) {
          for (size_t x = 0; x < RowBytes(kind, p, 64); ++x) {
            value = static_cast<uint8_t>(value * 5 + 77);
            buffer[at + x] = value;
            expected.push_back(value);
          }
        }
      }
      return buffer;
    };
    const auto source = Open();
    const Frame frame = NextFrame(*source);
    ASSERT_TRUE(frame.IsConsistent());
    EXPECT_EQ(frame.format, format);
    EXPECT_EQ(*frame.storage, expected) << PixelFormatName(format);
    EXPECT_EQ(frame.origin, "/dev/video0");
  }
}

TEST_F(V4l2Test, NumbersFramesAndTellsWhenTheyWereTaken) {
  const auto source = Open();
  for (uint64_t i = 0; i < 3; ++i) {
    const Frame frame = NextFrame(*source);
    EXPECT_EQ(frame.sequence, i);
    const auto age = std::chrono::steady_clock::now() - frame.captured;
    EXPECT_GE(age, std::chrono::milliseconds(7)) << "the driver's own time";
  }
  camera_->bad_stamps = true;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_GE(NextFrame(*source).captured, before) << "a time long ago is not believed";
}

TEST_F(V4l2Test, TheNewestFrameWinsAndLateOnesAreCounted) {
  const auto source = Open();
  camera_->Then({What::kFrame, 3});
  const Frame frame = NextFrame(*source);
  EXPECT_EQ(frame.storage->front(), 2);
  EXPECT_EQ(frame.sequence, 2u);
  EXPECT_EQ(source->stats().dropped, 2u);
  EXPECT_EQ(NextFrame(*source).sequence, 3u);
}

TEST_F(V4l2Test, DamagedFramesAreSkippedCountedAndNamed) {
  const auto source = Open();
  for (const auto& [what, text] : {std::pair{What::kTorn, "3072 bytes, a whole one has 6144"},
                                   {What::kDamaged, "damaged"},
                                   {What::kTooLong, "6145 bytes in a buffer of 6144"}}) {
    const uint64_t before = source->stats().skipped;
    camera_->Then({what});
    const Frame frame = NextFrame(*source);
    EXPECT_TRUE(frame.IsConsistent());
    EXPECT_EQ(source->stats().skipped, before + 1);
    EXPECT_THAT(source->stats().last_error, HasSubstr(text));
  }
}

TEST_F(V4l2Test, NoFrameInTimeIsAnErrorAndARestartHelps) {
  config::Camera settings = Settings();
  settings.timeout_s = 2.5;
  const auto source = Open(settings);
  NextFrame(*source);
  camera_->Then({What::kNothing});
  EXPECT_THAT(NextError(*source), HasSubstr("camera 'front': /dev/video0 gave no frame for 2.5 seconds"));
  const auto restarted = source->Restart();
  EXPECT_TRUE(restarted) << restarted.error().message;
  EXPECT_EQ(camera_->stream_starts, 2);
  EXPECT_EQ(camera_->opens, 1);
  NextFrame(*source);
}

TEST_F(V4l2Test, NothingButDamageIsAStallToo) {
  const auto source = Open();
  camera_->Then({What::kTorn});
  camera_->Then({What::kTorn});
  camera_->Then({What::kNothing});
  EXPECT_THAT(NextError(*source), HasSubstr("gave no usable frame for 5 seconds; the last was a frame of 3072 bytes"));
}

TEST_F(V4l2Test, APassingErrorOfTheDriverIsPassedOverALastingOneIsNot) {
  const auto source = Open();
  camera_->Then({What::kError, 1, EIO});
  NextFrame(*source);
  camera_->otherwise = {What::kError, 1, EIO};
  EXPECT_THAT(NextError(*source), HasSubstr("/dev/video0 gives no more frames: Input/output error"));
}

TEST_F(V4l2Test, UnpluggingIsNamedAndTheDeviceIsLetGoOf) {
  auto source = Open();
  NextFrame(*source);
  camera_->Then({What::kGone});
  EXPECT_THAT(NextError(*source), HasSubstr("went away; plug it in again"));
  EXPECT_FALSE(source->Restart());
  source.reset();
  EXPECT_THAT(OpenError(Settings("/dev/video0"), ErrorCode::kIo), HasSubstr("there is no such camera"));
  // Plugged in again: the kernel makes a new device of it.
  camera_ = devices_.Plug("/dev/video0");
  NextFrame(*Open());
}

TEST_F(V4l2Test, ABufferThatDoesNotExistIsNotBelieved) {
  const auto source = Open();
  camera_->Then({What::kWrongIndex});
  EXPECT_THAT(NextError(*source), HasSubstr("a buffer that does not exist, number 77"));
}

TEST_F(V4l2Test, AStopEndsTheWaitAndLosesNothing) {
  const auto source = Open();
  std::stop_source stop;
  stop.request_stop();
  const auto frame = source->Next(stop.get_token());
  ASSERT_TRUE(frame);
  EXPECT_FALSE(*frame);
  EXPECT_EQ(NextFrame(*source).sequence, 0u);
}

TEST_F(V4l2Test, WhatKeepsItFromOpeningIsNamed) {
  camera_->open_error = EBUSY;
  EXPECT_THAT(OpenError(Settings("/dev/video0"), ErrorCode::kIo), HasSubstr("/dev/video0: in use by another program"));
  camera_->open_error = EPERM;
  EXPECT_THAT(OpenError(Settings("0"), ErrorCode::kIo), HasSubstr("DeviceAllow="));
  camera_->open_error = 0;
  for (const unsigned long request : {VIDIOC_S_FMT, VIDIOC_REQBUFS, VIDIOC_STREAMON}) {
    camera_->failing = {{request, EBUSY}};
    EXPECT_THAT(OpenError(Settings(), ErrorCode::kIo), HasSubstr("/dev/video0 is in use by"));
  }
  camera_->failing = {{VIDIOC_STREAMON, ENOSPC}};
  EXPECT_THAT(OpenError(Settings(), ErrorCode::kIo), HasSubstr("no room for such a stream"));
  camera_->failing = {{VIDIOC_QUERYCAP, ENOTTY}};
  EXPECT_THAT(OpenError(Settings("/dev/video0"), ErrorCode::kIo), HasSubstr("is no video device"));
  camera_->failing.clear();
  camera_->buffers = 1;
  EXPECT_THAT(OpenError(Settings(), ErrorCode::kIo), HasSubstr("memory for 1 frames"));
  camera_->buffers = 4;
  camera_->capabilities = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
  EXPECT_THAT(OpenError(Settings(), ErrorCode::kIo), HasSubstr("gives no pictures"));
}

TEST_F(V4l2Test, ACameraIsFoundByPathNumberOrName) {
  const auto other = devices_.Plug("/dev/video7");
  other->card = "Microscope";
  for (const char* id : {"/dev/video7", "7", "Microscope"}) {
    const auto source = Open(Settings(id));
    EXPECT_EQ(NextFrame(*source).origin, "/dev/video7") << id;
  }
  const std::string error = OpenError(Settings("Telescope"), ErrorCode::kIo);
  EXPECT_THAT(error, HasSubstr("no camera 'Telescope': "));
  EXPECT_THAT(error, HasSubstr("/dev/video7 is 'Microscope'"));
  devices_.cameras.clear();
  EXPECT_THAT(OpenError(Settings(), ErrorCode::kIo), HasSubstr("there is no /dev/video*"));
}

TEST_F(V4l2Test, AutoPassesOverDevicesThatGiveNoPictures) {
  camera_->capabilities = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
  devices_.Plug("/dev/video1");
  EXPECT_EQ(NextFrame(*Open()).origin, "/dev/video1");
}

TEST_F(V4l2Test, TheFormatThatCostsLeastIsTakenUnlessTheConfigurationSaysOtherwise) {
  camera_->formats = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_H264};
  EXPECT_EQ(NextFrame(*Open()).format, PixelFormat::kNv12);
  config::Camera settings = Settings();
  settings.format = "yuyv";
  EXPECT_EQ(NextFrame(*Open(settings)).format, PixelFormat::kYuyv);
  settings.format = "rgb24";
  EXPECT_THAT(OpenError(settings, ErrorCode::kInvalidConfig),
              HasSubstr("does not offer the format rgb24; it has mjpeg, yuyv, nv12, H264"));
  camera_->formats = {V4L2_PIX_FMT_H264};
  EXPECT_THAT(OpenError(Settings(), ErrorCode::kInvalidConfig), HasSubstr("any pixel format that this program reads"));
}

TEST_F(V4l2Test, ColourIsAsTheDriverSaysUnlessTheConfigurationSaysOtherwise) {
  // Webcams say sRGB, whose luma is BT.601 in limited range when the driver leaves it to the default.
  EXPECT_EQ(NextFrame(*Open()).colour, (Colour{Matrix::kBt601, Range::kLimited}));
  camera_->quantization = V4L2_QUANTIZATION_FULL_RANGE;
  EXPECT_EQ(NextFrame(*Open()).colour, (Colour{Matrix::kBt601, Range::kFull}));
  camera_->quantization = V4L2_QUANTIZATION_DEFAULT;
  camera_->colorspace = V4L2_COLORSPACE_JPEG;
  EXPECT_EQ(NextFrame(*Open()).colour, (Colour{Matrix::kBt601, Range::kFull}));
  camera_->colorspace = V4L2_COLORSPACE_REC709;
  EXPECT_EQ(NextFrame(*Open()).colour, (Colour{Matrix::kBt709, Range::kLimited}));
  config::Camera settings = Settings();
  settings.range = config::Camera::Range::kFull;
  settings.matrix = config::Camera::Matrix::kBt601;
  EXPECT_EQ(NextFrame(*Open(settings)).colour, (Colour{Matrix::kBt601, Range::kFull}));
  camera_->formats = {V4L2_PIX_FMT_GREY};
  EXPECT_EQ(NextFrame(*Open()).colour.range, Range::kFull);
}

TEST_F(V4l2Test, ControlsReachTheCamera) {
  camera_->controls = {
      {V4L2_CID_GAIN, {0, 100}}, {V4L2_CID_EXPOSURE_AUTO, {0, 3}}, {V4L2_CID_EXPOSURE_ABSOLUTE, {1, 5000}}};
  config::Camera settings = Settings();
  settings.controls = {{"gain", "30"}, {"shutter", "20000"}, {"sharpness", "3"}};
  const auto source = Open(settings);
  EXPECT_EQ(camera_->set[V4L2_CID_GAIN], 30);
  EXPECT_EQ(camera_->set[V4L2_CID_EXPOSURE_AUTO], V4L2_EXPOSURE_MANUAL);
  EXPECT_EQ(camera_->set[V4L2_CID_EXPOSURE_ABSOLUTE], 200) << "in units of 100 microseconds";
  EXPECT_THAT(source->stats().last_error, HasSubstr("no control sharpness"));
  settings.controls = {{"gain", "101"}};
  EXPECT_THAT(OpenError(settings, ErrorCode::kInvalidConfig), HasSubstr("'gain' is 101, this camera takes 0 to 100"));
  settings.controls = {{"gian", "1"}};
  EXPECT_THAT(OpenError(settings, ErrorCode::kInvalidConfig), HasSubstr("did you mean 'gain'?"));
  settings.controls = {{"hflip", "maybe"}};
  EXPECT_THAT(OpenError(settings, ErrorCode::kInvalidConfig), HasSubstr("'maybe' is no value for 'hflip'"));
}

// A JPEG of `width` x 48 pixels of one grey, as webcams send them: 4:2:2, without Huffman tables if asked for.
std::vector<uint8_t> Jpeg(int width, uint8_t level, bool tables) {
  std::vector<uint8_t> rgb(static_cast<size_t>(width) * 48 * 3, level);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  tjhandle handle = tjInitCompress();
  EXPECT_EQ(tjCompress2(handle, rgb.data(), width, 0, 48, TJPF_RGB, &bytes, &size, TJSAMP_422, 90, 0), 0);
  std::vector<uint8_t> jpeg(bytes, bytes + size);
  tjFree(bytes);
  tjDestroy(handle);
  for (size_t at = 2; !tables && at + 4 < jpeg.size() && jpeg[at + 1] != 0xda;) {
    const size_t length = 2 + (static_cast<size_t>(jpeg[at + 2]) << 8 | jpeg[at + 3]);
    const auto begin = jpeg.begin() + static_cast<std::ptrdiff_t>(at);
    if (jpeg[at + 1] == 0xc4) {
      jpeg.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
    } else {
      at += length;
    }
  }
  return jpeg;
}

TEST_F(V4l2Test, JpegsOfACameraAreDecodedWithTheirChromaAsItIs) {
  camera_->formats = {V4L2_PIX_FMT_MJPEG};
  for (const bool tables : {true, false}) {
    camera_->paint = [&](uint64_t, const v4l2_pix_format&) { return Jpeg(64, 90, tables); };
    const auto source = Open();
    const Frame frame = NextFrame(*source);
    ASSERT_TRUE(frame.IsConsistent());
    EXPECT_EQ(frame.format, PixelFormat::kYuv422);
    Image grey;
    ToGrey(frame, {0, 0, 64, 48}, grey);
    EXPECT_THAT(grey.pixels, testing::Each(uint8_t{90}));
  }
}

TEST_F(V4l2Test, AJpegThatIsCutOffOrOfAnotherSizeIsSkipped) {
  camera_->formats = {V4L2_PIX_FMT_MJPEG};
  camera_->paint = [&](uint64_t number, const v4l2_pix_format&) {
    std::vector<uint8_t> jpeg = Jpeg(number == 1 ? 32 : 64, 90, true);
    // Its last bytes are gone, or its end is there and its middle is not.
    if (number == 0) jpeg.resize(jpeg.size() - 20);
    if (number == 2) jpeg.erase(jpeg.end() - 30, jpeg.end() - 2);
    return jpeg;
  };
  const auto source = Open();
  EXPECT_EQ(NextFrame(*source).sequence, 0u);
  EXPECT_EQ(source->stats().skipped, 3u);
}

TEST_F(V4l2Test, FlipsAreDoneWhileCopying) {
  camera_->formats = {V4L2_PIX_FMT_GREY};
  camera_->paint = [](uint64_t, const v4l2_pix_format& pix) {
    std::vector<uint8_t> pixels(pix.sizeimage);
    std::iota(pixels.begin(), pixels.end(), uint8_t{0});
    return pixels;
  };
  config::Camera settings = Settings();
  settings.controls = {{"hflip", "true"}, {"vflip", "true"}};
  const Frame frame = NextFrame(*Open(settings));
  EXPECT_EQ(frame.Row(0, 0)[0], static_cast<uint8_t>(64 * 48 - 1));
  EXPECT_EQ(frame.Row(0, 47)[63], 0);
}

TEST_F(V4l2Test, CamerasAreListedWithTheirFormatsOrWhyNot) {
  camera_->formats = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_H264};
  devices_.Plug("/dev/video1")->open_error = EPERM;
  devices_.Plug("/dev/video2")->capabilities = V4L2_CAP_META_CAPTURE;
  const auto listed = ListV4l2(devices_);
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].id, "/dev/video0");
  EXPECT_EQ(listed[0].name, "Fake camera");
  EXPECT_THAT(listed[0].formats, testing::ElementsAre("yuyv: 64x48 at 30", "H264 (not read): 64x48 at 30"));
  EXPECT_EQ(listed[0].problem, "");
  EXPECT_THAT(listed[1].problem, HasSubstr("DeviceAllow="));
  EXPECT_THAT(listed[2].problem, HasSubstr("no pictures"));
}

}  // namespace
}  // namespace glimpse::media
