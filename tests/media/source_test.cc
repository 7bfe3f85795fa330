// SPDX-License-Identifier: Apache-2.0
#include "media/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <limits>
#include <thread>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::HasSubstr;

std::string Pgm(char pixel) { return std::string("P5 1 1 255\n") + pixel; }

config::Camera Camera(config::Camera::Source source, const std::string& path, double fps = 10) {
  config::Camera camera;
  camera.source = source;
  camera.path = path;
  camera.fps = fps;
  camera.loop = false;
  return camera;
}

config::Camera Files(const std::string& path, double fps = 10) {
  return Camera(config::Camera::Source::kFiles, path, fps);
}

class SourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> Open(const config::Camera& camera) {
    SourceOptions options;
    options.clock = &clock_;
    auto source = OpenSource(camera, "front", options);
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(source).value() : nullptr;
  }
  // The origin of the next frame, "" at the end.
  static std::string NextOrigin(Source& source) {
    const auto frame = source.Next({});
    EXPECT_TRUE(frame) << frame.error().message;
    return frame && *frame ? (*frame)->origin : "";
  }

  TemporaryFolder folder_;
  FakeClock clock_;
};

TEST_F(SourceTest, FilesComeInNameOrderOnceAndOnlyPictures) {
  folder_.Write("b.PGM", Pgm('b'));
  folder_.Write("a.pgm", Pgm('a'));
  folder_.Write("notes.txt", "no picture");
  std::filesystem::create_directory(folder_.path() + "/c.png");
  const auto source = Open(Files(folder_.path()));
  const auto first = source->Next({});
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->origin, "a.pgm");
  EXPECT_EQ(PixelsOf(**first), (std::vector<uint8_t>{'a'}));
  EXPECT_EQ((*first)->sequence, 0u);
  EXPECT_EQ((*first)->captured, clock_.Now());
  EXPECT_EQ(NextOrigin(*source), "b.PGM");
  EXPECT_EQ(NextOrigin(*source), "");
  EXPECT_EQ(NextOrigin(*source), "") << "the end lasts";
  EXPECT_EQ(source->stats().frames, 2u);
}

TEST_F(SourceTest, FilesLoop) {
  folder_.Write("a.pgm", Pgm('a'));
  folder_.Write("b.pgm", Pgm('b'));
  config::Camera camera = Files(folder_.path());
  camera.loop = true;
  const auto source = Open(camera);
  for (const char* origin : {"a.pgm", "b.pgm", "a.pgm", "b.pgm", "a.pgm"}) EXPECT_EQ(NextOrigin(*source), origin);
}

TEST_F(SourceTest, AnUndecodablePictureIsSkippedCountedAndNamed) {
  folder_.Write("a.png", "not a PNG at all");
  folder_.Write("b.pgm", Pgm('b'));
  config::Camera camera = Files(folder_.path());
  camera.loop = true;
  const auto source = Open(camera);
  EXPECT_EQ(NextOrigin(*source), "b.pgm");
  EXPECT_EQ(source->stats().skipped, 1u);
  EXPECT_THAT(source->stats().last_error, HasSubstr("a.png"));
  const auto again = source->Next({});
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->sequence, 1u) << "a skipped picture has no number";
  EXPECT_EQ(source->stats().skipped, 2u);
}

TEST_F(SourceTest, AFolderWithoutAnyDecodablePictureIsAnErrorNotALoop) {
  folder_.Write("a.png", "no");
  folder_.Write("b.jpg", "nor this");
  config::Camera camera = Files(folder_.path());
  for (const bool loop : {true, false}) {
    camera.loop = loop;
    const auto source = Open(camera);
    const auto frame = source->Next({});
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::kIo);
    EXPECT_THAT(frame.error().message, HasSubstr("camera 'front'"));
    EXPECT_THAT(frame.error().message, HasSubstr("b.jpg"));
  }
}

TEST_F(SourceTest, FramesComeAtTheirTimeWithoutDrift) {
  folder_.Write("a.pgm", Pgm('a'));
  config::Camera camera = Files(folder_.path(), 30);
  camera.loop = true;
  const auto source = Open(camera);
  const auto start = clock_.Now();
  for (int n = 0; n < 3001; ++n) {
    const auto frame = source->Next({});
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->captured - start, nanoseconds(std::llround(n * 1e9 / 30))) << n;
    clock_.Advance(milliseconds(20));  // work that fits into a period delays nothing
  }
  EXPECT_EQ(source->stats().dropped, 0u);
}

TEST_F(SourceTest, BackPressureLosesNothingAndMakesNoBurst) {
  for (const char name : {'a', 'b', 'c', 'd'}) folder_.Write(std::string(1, name) + ".pgm", Pgm(name));
  const auto source = Open(Files(folder_.path(), 10));
  EXPECT_EQ(NextOrigin(*source), "a.pgm");
  clock_.Advance(milliseconds(1050));
  const auto late = clock_.Now();
  EXPECT_EQ(NextOrigin(*source), "b.pgm");
  EXPECT_EQ(clock_.Now(), late) << "due long ago, given at once";
  EXPECT_EQ(NextOrigin(*source), "c.pgm");
  EXPECT_EQ(clock_.Now() - late, milliseconds(100)) << "a new start";
  EXPECT_EQ(NextOrigin(*source), "d.pgm");
  EXPECT_EQ(source->stats().dropped, 0u);
}

TEST_F(SourceTest, RealtimeDropsWhatIsOverdueAndCountsIt) {
  for (int i = 0; i < 20; ++i) folder_.Write(std::to_string(10 + i) + ".pgm", Pgm('x'));
  config::Camera camera = Files(folder_.path(), 10);
  camera.realtime = true;
  const auto source = Open(camera);
  const auto start = clock_.Now();
  EXPECT_EQ(NextOrigin(*source), "10.pgm");
  clock_.Advance(milliseconds(550));  // frames 1 to 4 have a due successor, 5 has not
  const auto frame = source->Next({});
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->origin, "15.pgm");
  EXPECT_EQ((*frame)->sequence, 5u);
  EXPECT_EQ(source->stats().dropped, 4u);
  EXPECT_EQ(NextOrigin(*source), "16.pgm");
  EXPECT_EQ(clock_.Now() - start, milliseconds(600)) << "the schedule holds";
  clock_.Advance(std::chrono::seconds(100));
  EXPECT_EQ(NextOrigin(*source), "");
  EXPECT_EQ(source->stats().frames + source->stats().dropped, 20u);
}

TEST_F(SourceTest, StopLosesNoFrame) {
  folder_.Write("a.pgm", Pgm('a'));
  folder_.Write("b.pgm", Pgm('b'));
  // A clock on which the stop comes while the source waits for its second frame.
  class StoppingClock : public FakeClock {
   public:
    bool WaitUntil(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) override {
      if (deadline > Now() && !stopped_.exchange(true)) {
        source_.request_stop();
        return false;
      }
      return FakeClock::WaitUntil(deadline, stop);
    }
    std::stop_source source_;
    std::atomic<bool> stopped_ = false;
  } clock;
  SourceOptions options;
  options.clock = &clock;
  const auto source = OpenSource(Files(folder_.path()), "front", options);
  ASSERT_TRUE(source);
  ASSERT_TRUE((*source)->Next(clock.source_.get_token()));
  const auto stopped = (*source)->Next(clock.source_.get_token());
  ASSERT_TRUE(stopped);
  EXPECT_FALSE(*stopped);
  EXPECT_EQ(NextOrigin(**source), "b.pgm") << "what it was waiting for comes with the next call";
  EXPECT_EQ(NextOrigin(**source), "");
}

TEST_F(SourceTest, AStopEndsARealWait) {
  folder_.Write("a.pgm", Pgm('a'));
  config::Camera camera = Files(folder_.path(), 1e-5);  // the second frame is due after a day
  camera.loop = true;
  auto source = OpenSource(camera, "front");
  ASSERT_TRUE(source);
  ASSERT_TRUE((*source)->Next({}));
  std::jthread waiting([&](const std::stop_token& stop) {
    const auto frame = (*source)->Next(stop);
    EXPECT_TRUE(frame && !*frame);
  });
  waiting.request_stop();
  waiting.join();
}

TEST_F(SourceTest, IdxFramesAreItsImages) {
  const std::string header("\0\0\x08\x03\0\0\0\x03\0\0\0\x01\0\0\0\x02", 16);
  const std::string path = folder_.Write("x.idx", header + "abcdef");
  const auto source = Open(Camera(config::Camera::Source::kIdx, path));
  for (const auto& [origin, pixels] :
       {std::pair{"idx:0", std::vector<uint8_t>{'a', 'b'}}, {"idx:1", {'c', 'd'}}, {"idx:2", {'e', 'f'}}}) {
    const auto frame = source->Next({});
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->origin, origin);
    EXPECT_TRUE((*frame)->IsConsistent());
    EXPECT_EQ(PixelsOf(**frame), pixels);
  }
  EXPECT_EQ(NextOrigin(*source), "");
}

TEST_F(SourceTest, OpeningSaysWhatIsWrong) {
  const std::string empty = folder_.path();
  const std::string file = folder_.Write("x.idx", "nonsense");
  const std::tuple<config::Camera, ErrorCode, std::string> cases[] = {
      {Files("/nonexistent"), ErrorCode::kInvalidConfig, "/nonexistent"},
      {Files(file), ErrorCode::kInvalidConfig, "not a folder"},
      {Files(empty), ErrorCode::kInvalidConfig, "no .png"},
      {Files(empty, 0), ErrorCode::kInvalidConfig, "fps"},
      {Files(empty, std::numeric_limits<double>::quiet_NaN()), ErrorCode::kInvalidConfig, "fps"},
      {Camera(config::Camera::Source::kIdx, "/nonexistent"), ErrorCode::kInvalidConfig, "/nonexistent"},
      {Camera(config::Camera::Source::kIdx, empty), ErrorCode::kInvalidConfig, "not a file"},
      {Camera(config::Camera::Source::kIdx, file), ErrorCode::kInvalidArgument, "x.idx"},
      {Camera(config::Camera::Source::kVideo, "/nonexistent"), ErrorCode::kInvalidConfig, "/nonexistent"},
  };
  for (const auto& [camera, code, part] : cases) {
    const auto source = OpenSource(camera, "front");
    ASSERT_FALSE(source) << part;
    EXPECT_EQ(source.error().code, code) << source.error().message;
    EXPECT_THAT(source.error().message, HasSubstr("camera 'front'"));
    EXPECT_THAT(source.error().message, HasSubstr(part));
  }
}

}  // namespace
}  // namespace glimpse::media
