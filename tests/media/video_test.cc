// SPDX-License-Identifier: Apache-2.0
// Video files and FIFOs.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <turbojpeg.h>

#include <thread>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "media/video/frame_splitter.h"
#include "media/video/video_source.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using testing::HasSubstr;

std::string Level(size_t bytes, int level) { return std::string(bytes, static_cast<char>(level)); }

// Two frames of 4 x 2 pixels: luma 10 and 20.
const std::string kY4m = "YUV4MPEG2 W4 H2 F30:1 Ip C420jpeg\nFRAME\n" + Level(8, 10) + Level(4, 128) + "FRAME Xnote\n" +
                         Level(8, 20) + Level(4, 128);

std::string Jpeg(uint8_t level) {
  const std::vector<uint8_t> grey(16 * 8, level);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  tjhandle handle = tjInitCompress();
  EXPECT_EQ(tjCompress2(handle, grey.data(), 16, 0, 8, TJPF_GRAY, &bytes, &size, TJSAMP_GRAY, 95, 0), 0);
  std::string jpeg(reinterpret_cast<char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(handle);
  return jpeg;
}

class VideoTest : public testing::Test {
 protected:
  config::Camera Settings(const std::string& path, const std::string& format = "auto") {
    config::Camera camera;
    camera.source = config::Camera::Source::kVideo;
    camera.path = path;
    camera.format = format;
    camera.width = 4;
    camera.height = 2;
    camera.loop = false;
    camera.timeout_s = 60;
    return camera;
  }
  std::unique_ptr<Source> Open(const config::Camera& camera) {
    SourceOptions options;
    options.clock = &clock_;
    auto source = OpenSource(camera, "front", options);
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }
  std::string OpenError(const config::Camera& camera, ErrorCode code) {
    const auto source = OpenSource(camera, "front");
    EXPECT_FALSE(source);
    if (source) return "";
    EXPECT_EQ(source.error().code, code);
    EXPECT_THAT(source.error().message, HasSubstr("camera 'front': "));
    return source.error().message;
  }
  // The first byte of the next frame, -1 at the end.
  static int NextLevel(Source& source) {
    const auto frame = source.Next({});
    EXPECT_TRUE(frame) << frame.error().message;
    if (!frame || !*frame) return -1;
    EXPECT_TRUE((*frame)->IsConsistent());
    return (*frame)->Row(0, 0)[0];
  }

  TemporaryFolder folder_;
  FakeClock clock_;
};

TEST_F(VideoTest, Y4mIsPlayedOnceOrRoundAndRound) {
  config::Camera camera = Settings(folder_.Write("v.y4m", kY4m));
  auto source = Open(camera);
  const auto first = source->Next({});
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->format, PixelFormat::kYuv420);
  EXPECT_EQ((*first)->colour, (Colour{Matrix::kBt601, Range::kLimited}));
  EXPECT_EQ((*first)->origin, "v.y4m:0");
  EXPECT_EQ((*first)->Row(0, 1)[3], 10);
  EXPECT_EQ(NextLevel(*source), 20);
  EXPECT_EQ(NextLevel(*source), -1);
  camera.loop = true;
  source = Open(camera);
  for (const int level : {10, 20, 10, 20, 10}) EXPECT_EQ(NextLevel(*source), level);
}

TEST_F(VideoTest, AHeaderMaySayFullRangeAndAnotherLayout) {
  const std::string mono = "YUV4MPEG2 W4 H2 Cmono XCOLORRANGE=FULL\nFRAME\n" + Level(8, 55);
  const auto frame = Open(Settings(folder_.Write("m.y4m", mono)))->Next({});
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->format, PixelFormat::kGrey8);
  EXPECT_EQ((*frame)->colour.range, Range::kFull);
  config::Camera camera = Settings(folder_.Write("v.y4m", kY4m));
  camera.range = config::Camera::Range::kFull;
  const auto asked = Open(camera)->Next({});
  ASSERT_TRUE(asked && *asked);
  EXPECT_EQ((*asked)->colour.range, Range::kFull) << "the configuration wins";
}

TEST_F(VideoTest, ACutOffLastFrameIsSkippedAndCounted) {
  for (const auto& [name, content, format] : {std::tuple{"v.y4m", kY4m.substr(0, kY4m.size() - 1), "auto"},
                                              {"v.raw", Level(8, 10) + Level(7, 20), "grey8"},
                                              {"v.mjpeg", Jpeg(10) + Jpeg(20).substr(0, 100), "auto"}}) {
    const auto source = Open(Settings(folder_.Write(name, content), format));
    EXPECT_EQ(NextLevel(*source), 10) << name;
    EXPECT_EQ(NextLevel(*source), -1) << name;
    EXPECT_EQ(source->stats().skipped, 1u) << name;
    EXPECT_THAT(source->stats().last_error, HasSubstr(StrCat(name, ":1")));
  }
}

TEST_F(VideoTest, JpegsAreTakenApartAtTheirMarkers) {
  // Between two of them there is rubbish, and within one the end of a JPEG in a segment of its own, as in a thumbnail.
  std::string with_thumbnail = Jpeg(20);
  with_thumbnail.insert(2, std::string("\xff\xe1\x00\x06\xff\xd8\xff\xd9", 8));
  const auto source = Open(Settings(folder_.Write("v.mjpeg", Jpeg(10) + "rubbish" + with_thumbnail + Jpeg(30))));
  for (const int level : {10, 20, 30, -1}) EXPECT_EQ(NextLevel(*source), level);
}

TEST_F(VideoTest, RawFramesAreOfTheSizeAndFormatThatTheConfigurationSays) {
  const auto source = Open(Settings(folder_.Write("v.raw", Level(16, 1) + Level(16, 2)), "yuyv"));
  const auto frame = source->Next({});
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->format, PixelFormat::kYuyv);
  EXPECT_EQ((*frame)->width, 4);
  EXPECT_EQ(NextLevel(*source), 2);
  EXPECT_EQ(NextLevel(*source), -1);
}

TEST_F(VideoTest, WhatIsNoVideoIsRefused) {
  const auto error = [&](const std::string& content, ErrorCode code) {
    return OpenError(Settings(folder_.Write("x", content)), code);
  };
  EXPECT_THAT(error("something else entirely", ErrorCode::kInvalidArgument), HasSubstr("neither Y4M nor MJPEG"));
  EXPECT_THAT(error("", ErrorCode::kInvalidArgument), HasSubstr("neither"));
  EXPECT_THAT(error("YUV4MPEG2 W4 F30:1\nFRAME\n", ErrorCode::kInvalidArgument), HasSubstr("no Y4M header"));
  EXPECT_THAT(error("YUV4MPEG2 W4 H-2\nFRAME\n", ErrorCode::kInvalidArgument), HasSubstr("no Y4M header"));
  EXPECT_THAT(error("YUV4MPEG2 W4 H2 C420p10\nFRAME\n", ErrorCode::kUnsupported), HasSubstr("420p10"));
  EXPECT_THAT(error("YUV4MPEG2 W100000 H100000\nFRAME\n", ErrorCode::kExhausted), HasSubstr("more than the limit"));
  EXPECT_THAT(error("YUV4MPEG2 W4 H2\n", ErrorCode::kInvalidArgument), HasSubstr("it has no frame"));
  EXPECT_THAT(error("YUV4MPEG2 W4 H2\nFRAMF\n", ErrorCode::kInvalidArgument), HasSubstr("at byte 16"));
  EXPECT_THAT(error("YUV4MPEG2 " + Level(5000, 'W'), ErrorCode::kInvalidArgument), HasSubstr("no line"));
  EXPECT_THAT(OpenError(Settings("/dev/null"), ErrorCode::kInvalidConfig), HasSubstr("neither a file nor a FIFO"));
  EXPECT_THAT(OpenError(Settings(folder_.path() + "/none"), ErrorCode::kInvalidConfig), HasSubstr("No such file"));
}

TEST_F(VideoTest, EveryNameOfAFormatInTheConfigurationIsOne) {
  for (const std::string& name : config::CameraFormats()) {
    EXPECT_TRUE(name == "auto" || name == "mjpeg" || PixelFormatFromName(name)) << name;
  }
  EXPECT_EQ(config::CameraFormats().size(), PixelFormats().size() + 2);
}

TEST(FrameSplitter, PiecesOfAnySizeGiveTheSameFrames) {
  for (const std::string& stream : {kY4m, Jpeg(10) + "xx" + Jpeg(20) + Jpeg(30)}) {
    std::vector<std::string> expected;
    for (const size_t size : {stream.size(), size_t{1}, size_t{2}, size_t{7}, size_t{61}}) {
      FrameSplitter splitter(std::nullopt, {});
      std::vector<std::string> frames;
      for (size_t at = 0; at < stream.size(); at += size) {
        const std::string piece = stream.substr(at, size);
        splitter.Feed({reinterpret_cast<const uint8_t*>(piece.data()), piece.size()});
        while (true) {
          const auto found = splitter.Next();
          ASSERT_TRUE(found) << found.error().message;
          if (!*found) break;
          frames.emplace_back((*found)->bytes.begin(), (*found)->bytes.end());
          EXPECT_EQ(stream.substr(static_cast<size_t>((*found)->offset), frames.back().size()), frames.back());
        }
      }
      if (expected.empty()) expected = frames;
      EXPECT_EQ(frames, expected) << "in pieces of " << size;
      EXPECT_EQ(splitter.pending_bytes(), 0u);
    }
    EXPECT_EQ(expected.size(), stream == kY4m ? 2u : 3u);
  }
}

// The last bytes of the frames in `stream`, fed in pieces of `size`; how often something was passed over.
std::pair<std::vector<int>, uint64_t> LevelsOf(const std::string& stream, size_t size) {
  FrameSplitter splitter(std::nullopt, {});
  std::vector<int> levels;
  for (size_t at = 0; at < stream.size(); at += size) {
    const std::string piece = stream.substr(at, size);
    splitter.Feed({reinterpret_cast<const uint8_t*>(piece.data()), piece.size()});
    while (true) {
      const auto found = splitter.Next();
      EXPECT_TRUE(found) << found.error().message;
      if (!found || !*found) break;
      levels.push_back((*found)->bytes.back());
    }
  }
  return {levels, splitter.skipped()};
}

TEST(FrameSplitter, AWriterThatFollowsAtOnceIsFoundAtItsNextMark) {
  // The first ends within its second frame, whose rest is taken from the second's header: one frame of nonsense, then
  // all is well, as long as the frames are as large as before.
  const std::string frame = "FRAME\n" + Level(11, 7);
  const std::string later = "YUV4MPEG2 W4 H2 F30:1 Ip C420jpeg\n" + frame + Level(1, 70) + frame + Level(1, 80);
  for (const size_t size : {size_t{1000}, size_t{1}, size_t{3}}) {
    const auto [levels, skipped] = LevelsOf(kY4m.substr(0, kY4m.size() - 11) + later, size);
    EXPECT_THAT(levels, testing::ElementsAre(128, 'W', 70, 80)) << "in pieces of " << size;
    EXPECT_EQ(skipped, 1u);
  }
}

TEST(FrameSplitter, BetweenFramesAStreamOfAnotherSizeMayBegin) {
  const std::string later = "YUV4MPEG2 W2 H2 Cmono\nFRAME\n" + Level(4, 70);
  for (const size_t size : {size_t{1000}, size_t{1}, size_t{3}}) {
    const auto [levels, skipped] = LevelsOf(kY4m + later, size);
    EXPECT_THAT(levels, testing::ElementsAre(128, 128, 70)) << "in pieces of " << size;
    EXPECT_EQ(skipped, 0u);
  }
}

TEST(FrameSplitter, AStreamWithoutAnEndIsRefusedAtTheLimit) {
  Limits limits;
  limits.max_file_bytes = 1000;
  FrameSplitter splitter(std::nullopt, limits);
  const std::string begin = "\xff\xd8\xff\xda" + std::string("\x00\x02", 2) + Level(2000, 7);
  splitter.Feed({reinterpret_cast<const uint8_t*>(begin.data()), begin.size()});
  const auto piece = splitter.Next();
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error().code, ErrorCode::kExhausted);
}

class FifoTest : public VideoTest {
 protected:
  FifoTest() : path_(folder_.path() + "/fifo") { EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0); }
  // Opens it once there is a reader, as a writer does.
  UniqueFd OpenWriter() const { return UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC)); }
  static void Write(const UniqueFd& fd, const std::string& bytes) {
    ASSERT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  const std::string path_;
};

TEST_F(FifoTest, GivesFramesAsTheyAreWritten) {
  const auto source = Open(Settings(path_, "grey8"));
  EXPECT_TRUE(source->live());
  const UniqueFd writer = OpenWriter();
  Write(writer, Level(8, 10) + Level(3, 20));
  EXPECT_EQ(NextLevel(*source), 10);
  Write(writer, Level(5, 20));
  EXPECT_EQ(NextLevel(*source), 20);
}

TEST_F(FifoTest, TheNextWriterBeginsAStreamOfItsOwn) {
  const auto source = Open(Settings(path_));
  UniqueFd writer = OpenWriter();
  // The first ends within its second frame.
  Write(writer, kY4m.substr(0, kY4m.size() - 5));
  EXPECT_EQ(NextLevel(*source), 10);
  writer.reset();
  std::jthread second([&] {
    // Once the source has seen that the other one ended; a FIFO does not tell one writer from the next.
    while (source->stats().skipped == 0) std::this_thread::yield();
    const UniqueFd next = OpenWriter();
    Write(next, Jpeg(30));
  });
  EXPECT_EQ(NextLevel(*source), 30);
  EXPECT_EQ(source->stats().skipped, 1u);
  EXPECT_THAT(source->stats().last_error, HasSubstr("ended after"));
}

TEST_F(FifoTest, NothingInTimeIsAnErrorAndAStopIsNot) {
  config::Camera camera = Settings(path_, "grey8");
  std::stop_source stop;
  {
    const auto source = Open(camera);
    std::jthread stopper([&stop] { stop.request_stop(); });
    const auto frame = source->Next(stop.get_token());
    ASSERT_TRUE(frame);
    EXPECT_FALSE(*frame);
  }
  camera.timeout_s = 0.1;
  const auto source = Open(camera);
  const auto frame = source->Next({});
  ASSERT_FALSE(frame);
  EXPECT_THAT(frame.error().message, HasSubstr("gave no frame for 0.1 seconds"));
  EXPECT_TRUE(source->Restart());
  const UniqueFd writer = OpenWriter();
  Write(writer, Level(8, 40));
  EXPECT_EQ(NextLevel(*source), 40);
}

TEST_F(FifoTest, AFrameThatStopsHalfWayGoesOnAfterTheStall) {
  config::Camera camera = Settings(path_, "grey8");
  camera.timeout_s = 0.1;
  const auto source = Open(camera);
  EXPECT_TRUE(source->must_stay_open());
  const UniqueFd writer = OpenWriter();
  Write(writer, Level(5, 10));
  ASSERT_FALSE(source->Next({}));
  EXPECT_TRUE(source->Restart());
  Write(writer, Level(3, 10) + Level(8, 20));
  EXPECT_EQ(NextLevel(*source), 10);
  EXPECT_EQ(NextLevel(*source), 20);
}

TEST_F(FifoTest, WhatIsNoVideoIsThrownAwayUpToItsWritersEnd) {
  config::Camera camera = Settings(path_);
  camera.timeout_s = 0.1;
  const auto source = Open(camera);
  UniqueFd writer = OpenWriter();
  Write(writer, "something else entirely");
  const auto error = source->Next({});
  ASSERT_FALSE(error);
  EXPECT_THAT(error.error().message, HasSubstr("neither Y4M nor MJPEG"));
  Write(writer, kY4m);
  const auto still = source->Next({});
  ASSERT_FALSE(still) << "that may be anything";
  EXPECT_THAT(still.error().message, HasSubstr("no video"));
  writer.reset();
  // Again until one is seen: the source takes what comes before it has noticed the first one's end for the first one's.
  std::jthread next([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Write(OpenWriter(), kY4m);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  Result<std::optional<Frame>> frame = std::optional<Frame>();
  do {
    frame = source->Next({});  // until it has come
  } while (!frame);
  ASSERT_TRUE(*frame);
  EXPECT_EQ((*frame)->Row(0, 0)[0], 10);
}

}  // namespace
}  // namespace glimpse::media
