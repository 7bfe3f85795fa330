// SPDX-License-Identifier: Apache-2.0
#include "daemon/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace glimpse::daemon {
namespace {

using Box = Mailbox<int>;

TEST(Mailbox, LatestReplacesAndCountsWhatNobodyTook) {
  Wakeup bell;
  Box box(Box::Mode::kLatest, &bell);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(box.Put(i, {}));
  EXPECT_EQ(box.TryTake(), 3);
  EXPECT_EQ(box.TryTake(), std::nullopt);
  EXPECT_EQ(box.dropped(), 2u);
}

TEST(Mailbox, HandOverLosesNothingAndKeepsTheOrder) {
  constexpr int kItems = 20000;
  Wakeup bell;
  Box box(Box::Mode::kHandOver, &bell);
  std::jthread producer([&](const std::stop_token& stop) {
    for (int i = 0; i < kItems; ++i) ASSERT_TRUE(box.Put(i, stop));
  });
  for (int expected = 0; expected < kItems;) {
    if (const auto item = box.TryTake()) {
      ASSERT_EQ(*item, expected++);
    } else {
      bell.WaitUntil(std::chrono::steady_clock::now() + std::chrono::minutes(1));
    }
  }
  EXPECT_EQ(box.dropped(), 0u);
}

TEST(Mailbox, StopEndsAHandOverThatWaits) {
  Wakeup bell;
  Box box(Box::Mode::kHandOver, &bell);
  ASSERT_TRUE(box.Put(1, {}));
  bool second = true;
  {
    std::jthread producer([&](const std::stop_token& stop) { second = box.Put(2, stop); });
  }  // requests the stop and joins
  EXPECT_FALSE(second);
  EXPECT_EQ(box.TryTake(), 1);
}

TEST(Wakeup, RingBeforeTheWaitIsNotLost) {
  Wakeup bell;
  bell.Ring();
  bell.WaitUntil(std::chrono::steady_clock::time_point::max());
}

TEST(BoundedQueue, RefusesWhatDoesNotFitAndLeavesItAlone) {
  Wakeup bell;
  BoundedQueue<std::unique_ptr<int>> queue(2, &bell);
  EXPECT_TRUE(queue.TryPut(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.TryPut(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(queue.TryPut(std::move(third)));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(**queue.TryTake(), 1);
  EXPECT_TRUE(queue.TryPut(std::move(third)));
  EXPECT_EQ(**queue.TryTake(), 2);
  EXPECT_EQ(**queue.TryTake(), 3);
  EXPECT_FALSE(queue.TryTake());
}

}  // namespace
}  // namespace glimpse::daemon
