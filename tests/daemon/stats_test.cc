// SPDX-License-Identifier: Apache-2.0
#include "daemon/stats.h"

#include <gtest/gtest.h>

#include <numeric>

namespace glimpse::daemon {
namespace {

using namespace std::chrono_literals;
const PipelineStats::Time kNow{1h};

TEST(ComputePercentiles, AreNearestRank) {
  std::vector<int64_t> values(100);
  std::iota(values.rbegin(), values.rend(), 1);
  const Percentiles percentiles = ComputePercentiles(values);
  EXPECT_EQ(percentiles.p50, 50);
  EXPECT_EQ(percentiles.p90, 90);
  EXPECT_EQ(percentiles.p99, 99);
  EXPECT_EQ(ComputePercentiles({7}).p50, 7);
}

TEST(PipelineStats, CountsAndForgetsAllButTheLast1024) {
  PipelineStats stats;
  EXPECT_FALSE(stats.Snapshot(kNow).inference_us);
  for (int i = 0; i < 1000; ++i) stats.AddPrediction(true, 1, 1000, kNow);
  for (int i = 0; i < 1024; ++i) stats.AddPrediction(i % 2 == 0, 2, 20, kNow + i * 5ms);
  const PipelineCounts counts = stats.Snapshot(kNow + 1023 * 5ms);
  EXPECT_EQ(counts.predictions, 2024u);
  EXPECT_EQ(counts.unknown, 512u);
  EXPECT_EQ(counts.inference_us->p99, 20);
  EXPECT_NEAR(counts.rate_hz, 200, 0.01);
}

TEST(PipelineStats, RateIsOfTheLastTenSeconds) {
  PipelineStats stats;
  for (int i = 0; i < 100; ++i) stats.AddPrediction(true, 1, 1, kNow + i * 10ms);
  EXPECT_EQ(stats.Snapshot(kNow + 30s).rate_hz, 0);
}

TEST(PipelineStats, OnlyANewCauseIsNews) {
  PipelineStats stats;
  EXPECT_TRUE(stats.AddError("frame 1: too small", "too small"));
  EXPECT_FALSE(stats.AddError("frame 2: too small", "too small"));
  EXPECT_TRUE(stats.AddError("frame 3: too large", "too large"));
  EXPECT_TRUE(stats.Snapshot(kNow).failing);
  stats.AddPrediction(true, 1, 1, kNow);
  EXPECT_FALSE(stats.Snapshot(kNow).failing);
  EXPECT_TRUE(stats.AddError("frame 5: too large", "too large")) << "it had recovered";
  EXPECT_EQ(stats.Snapshot(kNow).errors, 4u);
  EXPECT_EQ(stats.Snapshot(kNow).last_error, "frame 5: too large");
}

}  // namespace
}  // namespace glimpse::daemon
