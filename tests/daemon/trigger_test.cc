// SPDX-License-Identifier: Apache-2.0
#include "daemon/trigger.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace glimpse::daemon {
namespace {

using namespace std::chrono_literals;
using Kind = config::Trigger::Kind;

media::Frame FrameAt(std::chrono::milliseconds time, uint8_t level = 0) {
  media::Frame frame = media::MakeFrame(media::PixelFormat::kGrey8, 20, 20, std::vector<uint8_t>(400, level));
  frame.captured = std::chrono::steady_clock::time_point(1000s) + time;
  return frame;
}

TEST(FrameTrigger, EveryFrameIsEveryFrame) {
  FrameTrigger trigger({}, {});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(trigger.Wants(FrameAt(i * 1ms), false));
}

TEST(FrameTrigger, EveryTakesTheFirstFrameOfEachIntervalWithoutDrift) {
  FrameTrigger trigger({Kind::kEvery, 1.0}, {});
  std::vector<int> taken;
  // 30 frames a second for five seconds: the first at or after 0, 1, 2, 3 and 4 s.
  for (int i = 0; i < 150; ++i) {
    if (trigger.Wants(FrameAt(std::chrono::milliseconds(i * 1000 / 30)), false)) taken.push_back(i);
  }
  EXPECT_EQ(taken, (std::vector<int>{0, 30, 60, 90, 120}));
}

TEST(FrameTrigger, AfterAGapEveryDoesNotMakeUpForWhatWasMissed) {
  FrameTrigger trigger({Kind::kEvery, 1.0}, {});
  EXPECT_TRUE(trigger.Wants(FrameAt(0ms), false));
  EXPECT_TRUE(trigger.Wants(FrameAt(10s), false));
  EXPECT_FALSE(trigger.Wants(FrameAt(10500ms), false));
  EXPECT_TRUE(trigger.Wants(FrameAt(11s), false));
  trigger.Reset();
  EXPECT_TRUE(trigger.Wants(FrameAt(11100ms), false));
}

TEST(FrameTrigger, AFrameThatIsAskedForComesBetweenTwoOfEvery) {
  FrameTrigger trigger({Kind::kEvery, 1.0}, {});
  EXPECT_TRUE(trigger.Wants(FrameAt(0ms), false));
  EXPECT_TRUE(trigger.Wants(FrameAt(500ms), true));
  EXPECT_TRUE(trigger.Wants(FrameAt(1s), false)) << "the interval stays where it was";
}

TEST(FrameTrigger, OnChangeLooksAtItsRegionsOnly) {
  const std::vector<config::Region> regions = {{"left", 0, 0, 10, 20}};
  FrameTrigger trigger({Kind::kOnChange, 0, 12}, regions);
  EXPECT_TRUE(trigger.Wants(FrameAt(0ms, 50), false));
  EXPECT_FALSE(trigger.Wants(FrameAt(1ms, 55), false));
  std::vector<uint8_t> right(400, 50);
  for (size_t i = 0; i < 400; ++i) right[i] = i % 20 < 10 ? 50 : 200;
  EXPECT_FALSE(trigger.Wants(media::MakeFrame(media::PixelFormat::kGrey8, 20, 20, right), false));
  EXPECT_TRUE(trigger.Wants(FrameAt(2ms, 55), true)) << "asked for";
  EXPECT_FALSE(trigger.Wants(FrameAt(3ms, 62), false)) << "7 from that one";
  EXPECT_TRUE(trigger.Wants(FrameAt(4ms, 67), false)) << "12 from it";
  trigger.Reset();
  EXPECT_TRUE(trigger.Wants(FrameAt(5ms, 67), false));
}

TEST(FrameTrigger, OnRequestTakesWhatIsAskedForAlone) {
  FrameTrigger trigger({Kind::kOnRequest}, {});
  EXPECT_FALSE(trigger.Wants(FrameAt(0ms), false));
  EXPECT_TRUE(trigger.Wants(FrameAt(1ms), true));
  EXPECT_FALSE(trigger.Wants(FrameAt(2ms), false));
}

}  // namespace
}  // namespace glimpse::daemon
