// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/request_pacer.h"

#include <gtest/gtest.h>

#include <chrono>

namespace glimpse::media {
namespace {

using namespace std::chrono_literals;
using Time = RequestPacer::Clock::time_point;

// Requests are handed on, never looked into.
libcamera::Request* Numbered(uintptr_t number) { return reinterpret_cast<libcamera::Request*>(number); }

constexpr Time kStart{1000s};

TEST(RequestPacer, ACameraAtItsRateOrALittleFasterIsLeftAlone) {
  RequestPacer pacer(10, 4);
  for (int i = 0; i < 1000; ++i) {
    // 95 ms and now and then two at once, as after a moment without processor time.
    const Time now = kStart + i * 95ms - (i % 7 == 0 ? 50ms : 0ms);
    ASSERT_TRUE(pacer.Admit(Numbered(1), now)) << i;
  }
  EXPECT_FALSE(pacer.next_due().has_value());
}

TEST(RequestPacer, ACameraThatFillsBuffersAtOnceIsHeldToTheRate) {
  RequestPacer pacer(10, 4);
  int given = 0;
  // Four requests, each back the moment it was queued, for ten seconds in steps of a millisecond.
  for (uintptr_t i = 1; i <= 4; ++i) {
    while (pacer.Admit(Numbered(i), kStart)) ++given;
  }
  for (Time now = kStart; now < kStart + 10s; now += 1ms) {
    while (libcamera::Request* due = pacer.TakeDue(now)) {
      ++given;
      while (pacer.Admit(due, now)) ++given;
    }
  }
  // 10 a second and a tenth more for cameras that are a little fast, and the burst at the start.
  EXPECT_GE(given, 100);
  EXPECT_LE(given, 111 + 5);
}

TEST(RequestPacer, WhatItKeepsComesInOrderAndNotBeforeItsTime) {
  RequestPacer pacer(10, 1);
  ASSERT_TRUE(pacer.Admit(Numbered(1), kStart));
  ASSERT_FALSE(pacer.Admit(Numbered(2), kStart));
  ASSERT_FALSE(pacer.Admit(Numbered(3), kStart));
  ASSERT_TRUE(pacer.next_due().has_value());
  const Time first = *pacer.next_due();
  EXPECT_EQ(first, kStart + 90ms);
  EXPECT_EQ(pacer.TakeDue(first - 1ns), nullptr);
  EXPECT_EQ(pacer.TakeDue(first), Numbered(2));
  EXPECT_EQ(pacer.TakeDue(first), nullptr);
  EXPECT_EQ(pacer.TakeDue(first + 90ms), Numbered(3));
  EXPECT_FALSE(pacer.next_due().has_value());
}

TEST(RequestPacer, AfterAResetNothingIsKeptAndABurstMayPassAgain) {
  RequestPacer pacer(10, 1);
  ASSERT_TRUE(pacer.Admit(Numbered(1), kStart));
  ASSERT_FALSE(pacer.Admit(Numbered(2), kStart));
  pacer.Reset();
  EXPECT_FALSE(pacer.next_due().has_value());
  EXPECT_TRUE(pacer.Admit(Numbered(2), kStart));
}

}  // namespace
}  // namespace glimpse::media
