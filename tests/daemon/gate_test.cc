// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace glimpse::daemon {
namespace {

TEST(Gate, LetsInAsManyAsFit) {
  Gate gate(2);
  EXPECT_TRUE(gate.TryEnter());
  EXPECT_TRUE(gate.Enter());
  EXPECT_FALSE(gate.TryEnter());
  gate.Leave();
  EXPECT_TRUE(gate.TryEnter());
}

TEST(Gate, WhoeverWaitsGoesInWhenAnotherLeavesAndNeverMoreThanFit) {
  constexpr int kRounds = 5000;
  Gate gate(3);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::jthread producer([&] {
    for (int i = 0; i < kRounds; ++i) {
      ASSERT_TRUE(gate.Enter());
      const int now = ++inside;
      if (now > most) most = now;
    }
  });
  for (int done = 0; done < kRounds;) {
    if (inside == 0) {
      std::this_thread::yield();
      continue;
    }
    --inside;
    gate.Leave();
    ++done;
  }
  EXPECT_LE(most, 3);
}

TEST(Gate, ClosingEndsTheWait) {
  Gate gate(1);
  ASSERT_TRUE(gate.Enter());
  std::atomic<bool> entered{true};
  std::jthread waiting([&] { entered = gate.Enter(); });
  gate.Close();
  waiting.join();
  EXPECT_FALSE(entered);
  EXPECT_FALSE(gate.TryEnter());
}

}  // namespace
}  // namespace glimpse::daemon
