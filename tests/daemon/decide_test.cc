// SPDX-License-Identifier: Apache-2.0
#include "daemon/decide.h"

#include <gtest/gtest.h>

#include <vector>

namespace glimpse::daemon {
namespace {

config::Decide Settings(double margin, uint32_t vote) {
  config::Decide settings;
  settings.margin = margin;
  settings.vote = vote;
  return settings;
}

const std::vector<double> kZero{0.9, 0.1, 0.0};
const std::vector<double> kOne{0.2, 0.8, 0.0};
const std::vector<double> kUnsure{0.45, 0.40, 0.15};

TEST(FindBest, TakesTheLowerOfEquals) {
  EXPECT_EQ(FindBest(std::vector<double>{0.1, 0.4, 0.4}).index, 1);
  EXPECT_EQ(FindBest(std::vector<double>{0.1, 0.4, 0.4}).margin, 0);
}

TEST(FindBest, OneClassLeadsByItsScore) { EXPECT_EQ(FindBest(std::vector<double>{0.7}).margin, 0.7); }

TEST(Decider, AnswersEachFrameByDefault) {
  Decider decider(Settings(0, 1));
  const Decision decision = decider.Decide(kUnsure, Sight::kClear);
  EXPECT_TRUE(decision.ok);
  EXPECT_EQ(decision.index, 0);
  EXPECT_EQ(decision.score, 0.45);
}

TEST(Decider, SmallLeadIsUnknownWithTheBestScore) {
  Decider decider(Settings(0.1, 1));
  const Decision decision = decider.Decide(kUnsure, Sight::kClear);
  EXPECT_FALSE(decision.ok);
  EXPECT_EQ(decision.reason, "low-margin");
  EXPECT_EQ(decision.score, 0.45);
}

TEST(Decider, LeadEqualToTheMarginIsEnough) {
  Decider decider(Settings(0.5, 1));
  EXPECT_TRUE(decider.Decide(std::vector<double>{0.75, 0.25}, Sight::kClear).ok);
}

TEST(Decider, WhatIsBlurredIsUnknownHoweverSureTheModelIs) {
  Decider decider(Settings(0, 1));
  const Decision decision = decider.Decide(kZero, Sight::kBlurred);
  EXPECT_FALSE(decision.ok);
  EXPECT_EQ(decision.reason, "blurred");
  EXPECT_EQ(decision.index, -1);
}

TEST(Decider, BlankIsUnknownHoweverSureTheModelIs) {
  Decider decider(Settings(0, 1));
  const Decision decision = decider.Decide(kZero, Sight::kBlank);
  EXPECT_FALSE(decision.ok);
  EXPECT_EQ(decision.reason, "blank");
}

TEST(Decider, VoteOutlastsASingleWrongFrame) {
  Decider decider(Settings(0, 3));
  EXPECT_EQ(decider.Decide(kZero, Sight::kClear).index, 0);
  EXPECT_EQ(decider.Decide(kZero, Sight::kClear).index, 0);
  const Decision third = decider.Decide(kOne, Sight::kClear);
  EXPECT_TRUE(third.ok);
  EXPECT_EQ(third.index, 0);
  EXPECT_EQ(third.score, 0.2) << "this frame's score of the class that won";
  EXPECT_EQ(decider.Decide(kOne, Sight::kClear).index, 1);
}

TEST(Decider, VoteWithoutMajorityIsUnknown) {
  Decider decider(Settings(0, 2));
  EXPECT_TRUE(decider.Decide(kZero, Sight::kClear).ok);
  const Decision tie = decider.Decide(kOne, Sight::kClear);
  EXPECT_FALSE(tie.ok);
  EXPECT_EQ(tie.reason, "low-margin");
}

TEST(Decider, MajorityOfBlankFramesIsUnknown) {
  Decider decider(Settings(0, 3));
  EXPECT_TRUE(decider.Decide(kZero, Sight::kClear).ok);
  EXPECT_FALSE(decider.Decide(kZero, Sight::kBlank).ok);
  const Decision third = decider.Decide(kZero, Sight::kBlank);
  EXPECT_FALSE(third.ok);
  EXPECT_EQ(third.reason, "blank");
}

TEST(Decider, ResetForgetsTheFramesBefore) {
  Decider decider(Settings(0, 3));
  decider.Decide(kZero, Sight::kClear);
  decider.Decide(kZero, Sight::kClear);
  decider.Reset();
  EXPECT_EQ(decider.Decide(kOne, Sight::kClear).index, 1);
}

}  // namespace
}  // namespace glimpse::daemon
