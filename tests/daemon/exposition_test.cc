// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glimpse::daemon {
namespace {

using ::testing::HasSubstr;

TEST(Exposition, WritesAFamilyAsTheFormatSays) {
  Exposition out;
  out.Family("x_total", "counter", "What it counts.");
  out.Sample({}, 3);
  out.Sample({{"a", "1"}, {"b", "two"}}, 0.25);
  EXPECT_EQ(out.Take(),
            "# HELP x_total What it counts.\n# TYPE x_total counter\nx_total 3\nx_total{a=\"1\",b=\"two\"} 0.25\n");
}

TEST(Exposition, EscapesWhatWouldEndALabel) {
  Exposition out;
  out.Family("x", "gauge", "h");
  out.Sample({{"l", "a\"b\\c\nd"}}, 1);
  EXPECT_THAT(out.Take(), HasSubstr("x{l=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(Exposition, AddsUpTheBucketsOfAHistogram) {
  Histogram histogram;
  // A value on a bound counts below it.
  for (const int64_t us : {50, 51, 1000, 2'000'000}) histogram.Add(us);
  Exposition out;
  out.Family("t_seconds", "histogram", "h");
  out.Add({{"p", "x"}}, histogram);
  const std::string text = out.Take();
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{p=\"x\",le=\"5e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{p=\"x\",le=\"0.0001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{p=\"x\",le=\"0.001\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{p=\"x\",le=\"1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{p=\"x\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_count{p=\"x\"} 4\n"));
}

}  // namespace
}  // namespace glimpse::daemon
