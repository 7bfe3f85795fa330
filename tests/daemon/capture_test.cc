// SPDX-License-Identifier: Apache-2.0
// What the daemon does about a camera that fails, in whatever way.
#include "daemon/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <random>

#include "base/strings.h"
#include "tests/media/fake_v4l2.h"
#include "tests/media/support.h"

namespace glimpse::daemon {
namespace {

using media::FakeCamera;
using media::FakeEvent;
using media::FakeV4l2Devices;
using testing::HasSubstr;
using What = FakeEvent::What;

constexpr std::chrono::seconds kHang{60};  // that nothing here takes; reached only when something hangs

// Events of a capture, which come from its thread.
class Events {
 public:
  Capture::OnEvent Listener() {
    return [this](const Event& event) {
      {
        const std::lock_guard lock(mutex_);
        seen_.push_back(event);
      }
      changed_.notify_all();
    };
  }
  // Waits for the n-th event, from 0, and gives "NAME: MESSAGE".
  std::string Wait(size_t n) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kHang, [&] { return seen_.size() > n; })) return "none";
    return StrCat(seen_[n].event, ": ", seen_[n].members.at("message"));
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> seen_;
};

class CaptureTest : public testing::Test {
 protected:
  CaptureTest() {
    settings_.source = config::Camera::Source::kV4l2;
    settings_.id = "/dev/video0";
    settings_.width = 64;
    settings_.height = 48;
    camera_ = devices_.Plug("/dev/video0");
  }

  Result<std::unique_ptr<Capture>> TryOpen(bool may_be_absent = false) {
    CaptureOptions options;
    options.clock = &clock_;  // a back-off takes no time
    options.may_be_absent = may_be_absent;
    options.open = [this](const config::Camera& camera, const std::string& name) {
      const std::lock_guard lock(plug_mutex_);
      attempts_.push_back(clock_.Now());
      media::SourceOptions source;
      source.v4l2 = &devices_;
      return media::OpenSource(camera, name, source);
    };
    return Capture::Open("front", settings_, &wakeup_, events_.Listener(), std::move(options));
  }
  std::unique_ptr<Capture> Start(bool may_be_absent = false) {
    auto capture = TryOpen(may_be_absent);
    EXPECT_TRUE(capture) << capture.error().message;
    if (!capture) return nullptr;
    (*capture)->Start();
    return std::move(*capture);
  }
  // What the inference thread does.
  std::optional<media::Frame> Take(Capture& capture) {
    const auto give_up = std::chrono::steady_clock::now() + kHang;
    while (std::chrono::steady_clock::now() < give_up) {
      if (auto frame = capture.TryTake()) return frame;
      wakeup_.WaitUntil(std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
    }
    return std::nullopt;
  }
  // A new device of the same path, as after replugging.
  std::shared_ptr<FakeCamera> Replug(std::shared_ptr<FakeCamera> camera = std::make_shared<FakeCamera>()) {
    const std::lock_guard lock(plug_mutex_);
    return camera_ = devices_.cameras["/dev/video0"] = std::move(camera);
  }

  std::mutex plug_mutex_;  // guards the two below
  FakeV4l2Devices devices_;
  std::vector<std::chrono::steady_clock::time_point> attempts_;  // to open the camera
  std::shared_ptr<FakeCamera> camera_;
  config::Camera settings_;
  media::FakeClock clock_;
  Wakeup wakeup_;
  Events events_;
};

TEST_F(CaptureTest, AStallRestartsTheStreamWithoutClosingTheCamera) {
  camera_->Then({What::kFrame});
  camera_->Then({What::kNothing});
  const auto capture = Start();
  EXPECT_THAT(events_.Wait(0), HasSubstr("camera-failed: camera 'front': /dev/video0 gave no frame for 5 seconds"));
  EXPECT_EQ(events_.Wait(1), "camera-recovered: camera 'front' gives frames again");
  ASSERT_TRUE(Take(*capture));
  const CameraCounts counts = capture->counts();
  EXPECT_EQ(counts.state, CameraState::kRunning);
  EXPECT_EQ(counts.restarts, 1u);
  EXPECT_EQ(counts.reopens, 0u);
  EXPECT_THAT(counts.last_error, HasSubstr("gave no frame")) << "what was wrong can still be read";
}

TEST_F(CaptureTest, ARestartThatDoesNotHelpIsFollowedByOpeningAnew) {
  camera_->Then({What::kFrame});
  for (int i = 0; i < 3; ++i) camera_->Then({What::kNothing});
  const auto capture = Start();
  EXPECT_THAT(events_.Wait(0), HasSubstr("gave no frame"));
  EXPECT_THAT(events_.Wait(1), HasSubstr("camera-recovered")) << "one event for the whole outage";
  const CameraCounts counts = capture->counts();
  EXPECT_EQ(counts.restarts, 1u);
  EXPECT_EQ(counts.reopens, 2u);
}

TEST_F(CaptureTest, UnpluggedAndPluggedInAgainItGoesOnWithRisingNumbers) {
  const auto capture = Start();
  const auto before = Take(*capture);
  ASSERT_TRUE(before);
  camera_->Then({What::kGone});
  EXPECT_THAT(events_.Wait(0), HasSubstr("went away; plug it in again"));
  EXPECT_THAT(events_.Wait(1), HasSubstr("there is no such camera")) << "another cause is told, too";
  EXPECT_EQ(capture->counts().state, CameraState::kFailed);
  Replug();
  EXPECT_THAT(events_.Wait(2), HasSubstr("camera-recovered"));
  while (Take(*capture)->sequence <= before->sequence) {
  }
  EXPECT_EQ(events_.count(), 3u);
}

TEST_F(CaptureTest, BetweenAttemptsItWaitsLongerEachTimeAtMostHalfAMinute) {
  camera_->Then({What::kGone});
  const auto capture = Start();
  std::vector<int64_t> waits;
  while (waits.size() < 7) {
    std::this_thread::yield();
    const std::lock_guard lock(plug_mutex_);
    waits.clear();
    for (size_t i = 1; i < attempts_.size(); ++i) {
      waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(attempts_[i] - attempts_[i - 1]).count());
    }
  }
  waits.resize(7);
  EXPECT_THAT(waits, testing::ElementsAre(1, 2, 4, 8, 16, 30, 30));
}

TEST_F(CaptureTest, ACameraThatIsAbsentAtTheStartIsWaitedFor) {
  devices_.cameras.clear();
  EXPECT_FALSE(TryOpen()) << "unless it may be absent, that is an error";
  const auto capture = Start(/*may_be_absent=*/true);
  EXPECT_THAT(events_.Wait(0), HasSubstr("camera-failed: camera 'front': /dev/video0: there is no such camera"));
  EXPECT_EQ(capture->counts().state, CameraState::kFailed);
  Replug();
  EXPECT_THAT(events_.Wait(1), HasSubstr("camera-recovered"));
  EXPECT_TRUE(Take(*capture));
}

TEST_F(CaptureTest, WhatTheConfigurationSaysWronglyIsAnErrorAtTheStart) {
  settings_.controls = {{"gian", "1"}};
  const auto capture = TryOpen(/*may_be_absent=*/true);
  ASSERT_FALSE(capture);
  EXPECT_EQ(capture.error().code, ErrorCode::kInvalidConfig);
}

TEST_F(CaptureTest, BusyAndForbiddenAreNamedUntilTheyPass) {
  camera_->open_error = EBUSY;
  const auto capture = Start(/*may_be_absent=*/true);
  EXPECT_THAT(events_.Wait(0), HasSubstr("in use by another program"));
  {
    const std::lock_guard lock(camera_->mutex);
    camera_->open_error = EPERM;
  }
  EXPECT_THAT(events_.Wait(1), HasSubstr("DeviceAllow="));
  {
    const std::lock_guard lock(camera_->mutex);
    camera_->open_error = 0;
  }
  EXPECT_THAT(events_.Wait(2), HasSubstr("camera-recovered"));
}

TEST_F(CaptureTest, ItEndsAtOnceWhateverItWaitsFor) {
  camera_->Then({What::kGone});
  auto capture = Start();
  events_.Wait(1);
  capture.reset();
  Replug()->otherwise = {What::kNothing};
  capture = Start();
  events_.Wait(2);
  capture.reset();
}

TEST_F(CaptureTest, SuspendedAndResumedItOpensTheCameraAnew) {
  const auto capture = Start();
  const auto before = Take(*capture);
  ASSERT_TRUE(before);
  capture->Suspend();
  capture->TryTake();  // the one that was waiting
  capture->Resume();
  const auto after = Take(*capture);
  ASSERT_TRUE(after);
  EXPECT_GT(after->sequence, before->sequence);
  EXPECT_EQ(events_.count(), 0u) << "nothing had failed";
}

TEST_F(CaptureTest, StatusTellsWhatTheFramesAre) {
  const auto capture = Start();
  ASSERT_TRUE(Take(*capture));
  const auto picture = capture->counts().picture;
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->width, 64);
  EXPECT_EQ(picture->format, media::PixelFormat::kYuyv);
  EXPECT_EQ(media::ColourName(picture->colour), "bt601 limited");
}

// Every fault in random order, the camera unplugged and plugged in again meanwhile, and asked for its counts by a
// second thread. Frames that come through are whole, and of rising numbers. 200 frames; GLIMPSE_LONG: 2,000.
TEST_F(CaptureTest, GivesWholeFramesThroughAllKindsOfFaults) {
  const uint64_t wanted = std::getenv("GLIMPSE_LONG") != nullptr ? 2000 : 200;
  const auto paint = [](uint64_t number, const v4l2_pix_format& pix) {
    return std::vector<uint8_t>(pix.sizeimage, static_cast<uint8_t>(number));
  };
  std::mt19937 random(7);
  const auto load = [&](const std::shared_ptr<FakeCamera>& camera) {
    camera->paint = paint;
    for (int i = 0; i < 50; ++i) {
      constexpr What kFaults[] = {What::kFrame,   What::kFrame,   What::kFrame, What::kTorn,      What::kDamaged,
                                  What::kTooLong, What::kNothing, What::kError, What::kWrongIndex};
      constexpr int kErrors[] = {EIO, EIO, EINVAL, EPIPE};
      FakeEvent event{kFaults[random() % std::size(kFaults)], 1 + static_cast<int>(random() % 3),
                      kErrors[random() % std::size(kErrors)]};
      camera->Then(event);
    }
    camera->Then({What::kGone});
    return camera;
  };
  Replug(load(std::make_shared<FakeCamera>()));
  const auto capture = Start();
  std::atomic<bool> done{false};
  std::jthread watcher([&] {
    while (!done) {
      const CameraCounts counts = capture->counts();
      EXPECT_LE(counts.frames + counts.skipped, 1000000u);
      std::this_thread::yield();
    }
  });
  std::optional<uint64_t> last;
  for (uint64_t taken = 0; taken < wanted;) {
    std::optional<media::Frame> frame = capture->TryTake();
    if (!frame) {
      bool gone = false;
      {
        const std::lock_guard lock(camera_->mutex);
        gone = camera_->gone;
      }
      if (gone) Replug(load(std::make_shared<FakeCamera>()));
      wakeup_.WaitUntil(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
      continue;
    }
    ++taken;
    ASSERT_TRUE(frame->IsConsistent());
    ASSERT_THAT(*frame->storage, testing::Each(frame->storage->front())) << "two frames mixed";
    if (last) {
      ASSERT_GT(frame->sequence, *last);
    }
    last = frame->sequence;
  }
  done = true;
  const CameraCounts counts = capture->counts();
  EXPECT_GT(counts.skipped, 0u);
  EXPECT_GT(counts.restarts, 0u);
  EXPECT_GT(counts.reopens, 0u);
}

}  // namespace
}  // namespace glimpse::daemon
