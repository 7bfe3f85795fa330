// SPDX-License-Identifier: Apache-2.0
// What a slow client gets, and what a subscription wants.
#include "daemon/server/outbox.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/server/subscription.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

std::shared_ptr<const std::string> Members(int frame) {
  return std::make_shared<const std::string>("{\"frame\":" + std::to_string(frame));
}

std::vector<Json> Drain(Outbox& outbox) {
  std::string text;
  while (!outbox.empty()) outbox.Fill(&text, text.size() + 1);
  std::vector<Json> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(Json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

TEST(Outbox, DropsTheOldestAndTellsInTheNextMessageOfThatSubscription) {
  Outbox outbox(3);
  for (int frame = 0; frame < 10; ++frame) outbox.PushPrediction(1, Members(frame));
  const auto lines = Drain(outbox);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["params"], Json({{"frame", 7}, {"dropped", 7}, {"subscription", 1}}));
  EXPECT_EQ(lines[1]["params"]["dropped"], 0);
  EXPECT_EQ(lines[2]["params"]["frame"], 9);
  outbox.PushPrediction(1, Members(10));
  EXPECT_EQ(Drain(outbox)[0]["params"]["dropped"], 0);
}

TEST(Outbox, CountsForEachSubscriptionItsOwn) {
  Outbox outbox(2);
  outbox.PushPrediction(1, Members(0));
  outbox.PushPrediction(2, Members(0));
  outbox.PushPrediction(2, Members(1));
  outbox.PushPrediction(2, Members(2));
  const auto lines = Drain(outbox);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["params"], Json({{"frame", 1}, {"dropped", 1}, {"subscription", 2}}));
  outbox.PushPrediction(1, Members(3));
  EXPECT_EQ(Drain(outbox)[0]["params"]["dropped"], 1);
}

TEST(Outbox, NeverDropsAnswersAndKeepsTheirPlace) {
  Outbox outbox(1);
  outbox.PushAnswer("{\"id\":1}\n");
  outbox.PushPrediction(1, Members(0));
  outbox.PushAnswer("{\"id\":2}\n");
  outbox.PushPrediction(1, Members(1));
  EXPECT_EQ(outbox.answers(), 2u);
  const auto lines = Drain(outbox);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["id"], 1);
  EXPECT_EQ(lines[1]["id"], 2);
  EXPECT_EQ(lines[2]["params"]["dropped"], 1);
  EXPECT_EQ(outbox.answers(), 0u);
}

TEST(Outbox, EventsOutliveThePredictionsAndAreBoundedToo) {
  Outbox outbox(2);
  outbox.PushEvent(std::make_shared<const std::string>("{\"event\":1}\n"));
  outbox.PushPrediction(1, Members(0));
  outbox.PushPrediction(1, Members(1));
  auto lines = Drain(outbox);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["event"], 1);
  for (int i = 0; i < 5; ++i) outbox.PushEvent(std::make_shared<const std::string>("{\"event\":2}\n"));
  EXPECT_EQ(Drain(outbox).size(), 2u);
}

TEST(Outbox, ForgetsASubscriptionThatEnded) {
  Outbox outbox(2);
  for (int frame = 0; frame < 5; ++frame) outbox.PushPrediction(1, Members(frame));
  outbox.RemoveSubscription(1);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, FillStopsWhenThereIsEnough) {
  Outbox outbox(10);
  for (int frame = 0; frame < 5; ++frame) outbox.PushPrediction(1, Members(frame));
  std::string text;
  outbox.Fill(&text, 1);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

Prediction Make(const std::string& pipeline, const std::string& region, int index) {
  auto info = std::make_shared<PipelineInfo>();
  info->name = pipeline;
  Prediction prediction;
  prediction.pipeline = info;
  prediction.region = region;
  prediction.decision = {index >= 0, index >= 0 ? "" : "blank", index, 0.5};
  return prediction;
}

const Subscription::Time kStart{};

TEST(Subscription, WithoutSettingsWantsEverything) {
  Subscription subscription({});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(subscription.Wants(Make("a", "", 1), kStart));
}

TEST(Subscription, KeepsToItsPipelines) {
  Subscription subscription({std::set<std::string>{"a"}, false, 0});
  EXPECT_TRUE(subscription.Wants(Make("a", "", 1), kStart));
  EXPECT_FALSE(subscription.Wants(Make("b", "", 1), kStart));
}

TEST(Subscription, OnChangeSendsTheFirstAndWhatDiffersForEachRegion) {
  Subscription subscription({std::nullopt, true, 0});
  EXPECT_TRUE(subscription.Wants(Make("a", "l", 1), kStart));
  EXPECT_TRUE(subscription.Wants(Make("a", "r", 1), kStart));
  EXPECT_FALSE(subscription.Wants(Make("a", "l", 1), kStart));
  EXPECT_TRUE(subscription.Wants(Make("a", "l", 2), kStart));
  EXPECT_TRUE(subscription.Wants(Make("a", "l", -1), kStart));
  EXPECT_FALSE(subscription.Wants(Make("a", "l", -1), kStart));
  EXPECT_FALSE(subscription.Wants(Make("a", "r", 1), kStart));
}

TEST(Subscription, RateIsForEachRegionAndKeepsTheChangeThatLasts) {
  Subscription subscription({std::nullopt, true, 10});
  EXPECT_TRUE(subscription.Wants(Make("a", "l", 1), kStart));
  EXPECT_FALSE(subscription.Wants(Make("a", "l", 2), kStart + 50ms)) << "too early";
  EXPECT_TRUE(subscription.Wants(Make("a", "r", 2), kStart + 50ms)) << "another region";
  EXPECT_TRUE(subscription.Wants(Make("a", "l", 2), kStart + 100ms)) << "still changed";
}

}  // namespace
}  // namespace glimpse::daemon
