// SPDX-License-Identifier: Apache-2.0
#include "media/frame_pool.h"

#include <gtest/gtest.h>

#include <thread>

namespace glimpse::media {
namespace {

TEST(FramePool, GivesBackMemoryThatNobodyHoldsAnyMore) {
  FramePool pool;
  auto first = pool.Take(100);
  const uint8_t* const memory = first->data();
  std::shared_ptr<const std::vector<uint8_t>> held = first;
  first.reset();
  EXPECT_NE(pool.Take(100)->data(), memory) << "a copy still looks at it";
  held.reset();
  auto second = pool.Take(100);
  EXPECT_EQ(second->data(), memory);
  EXPECT_EQ(second->size(), 100u);
}

TEST(FramePool, SizesMayChange) {
  FramePool pool;
  pool.Take(10);
  EXPECT_EQ(pool.Take(1000)->size(), 1000u);
  EXPECT_EQ(pool.Take(3)->size(), 3u);
}

TEST(FramePool, FramesOutliveThePool) {
  std::shared_ptr<std::vector<uint8_t>> kept;
  std::weak_ptr<std::vector<uint8_t>> watched;
  {
    FramePool pool(1);
    kept = pool.Take(10);
    watched = kept;
    pool.Take(10);
  }
  kept->assign(10, 7);
  EXPECT_EQ(kept->at(9), 7);
  kept.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(FramePool, TwoThreadsMayUseIt) {
  FramePool pool(2);
  const auto work = [&pool] {
    for (int i = 0; i < 1000; ++i) {
      const auto frame = pool.Take(64);
      frame->assign(64, static_cast<uint8_t>(i));
      ASSERT_EQ(frame->back(), static_cast<uint8_t>(i));
    }
  };
  std::jthread other(work);
  work();
}

}  // namespace
}  // namespace glimpse::media
