// SPDX-License-Identifier: Apache-2.0
#include "daemon/stats.h"

#include <gtest/gtest.h>

#include <numeric>

namespace glimpse::daemon {
namespace {

using namespace std::chrono_literals;
const PipelineStats::Time kStart{1h};

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
  EXPECT_FALSE(stats.Snapshot(kStart).inference_us);
  for (int i = 0; i < 1000; ++i) stats.AddPrediction(true, 1, 1000, kStart);
  for (int i = 0; i < 1024; ++i) stats.AddPrediction(i % 2 == 0, 2, 20, kStart + i * 5ms);
  const PipelineCounts counts = stats.Snapshot(kStart + 1023 * 5ms);
  EXPECT_EQ(counts.predictions, 2024u);
  EXPECT_EQ(counts.unknown, 512u);
  EXPECT_EQ(counts.inference_us->p99, 20);
  EXPECT_NEAR(counts.rate_hz, 200, 0.01);
}

TEST(PipelineStats, RateIsOfTheLastTenSeconds) {
  PipelineStats stats;
  for (int i = 0; i < 100; ++i) stats.AddPrediction(true, 1, 1, kStart + i * 10ms);
  EXPECT_EQ(stats.Snapshot(kStart + 30s).rate_hz, 0);
}

TEST(PipelineStats, OnlyANewCauseIsNews) {
  PipelineStats stats;
  EXPECT_TRUE(stats.AddError("frame 1: too small", "too small"));
  EXPECT_FALSE(stats.AddError("frame 2: too small", "too small"));
  EXPECT_TRUE(stats.AddError("frame 3: too large", "too large"));
  EXPECT_TRUE(stats.Snapshot(kStart).failing);
  stats.AddPrediction(true, 1, 1, kStart);
  EXPECT_FALSE(stats.Snapshot(kStart).failing);
  EXPECT_TRUE(stats.AddError("frame 5: too large", "too large")) << "it had recovered";
  EXPECT_EQ(stats.Snapshot(kStart).errors, 4u);
  EXPECT_EQ(stats.Snapshot(kStart).last_error, "frame 5: too large");
}

}  // namespace
}  // namespace glimpse::daemon
