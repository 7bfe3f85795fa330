// SPDX-License-Identifier: Apache-2.0
#include "daemon/log/rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/log_writer.h"

namespace glimpse::daemon {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const RateLimit::Time kFirst{seconds(1000)};

TEST(RateLimit, AllowsABurstOfEachKindAndCountsTheRest) {
  RateLimit limit(2, seconds(10));
  EXPECT_TRUE(limit.Allow("a", kFirst));
  EXPECT_TRUE(limit.Allow("a", kFirst));
  EXPECT_FALSE(limit.Allow("a", kFirst));
  EXPECT_FALSE(limit.Allow("a", kFirst + seconds(9)));
  EXPECT_TRUE(limit.Allow("b", kFirst + seconds(9)));
  EXPECT_THAT(limit.Ended(kFirst + seconds(9)), IsEmpty());
  EXPECT_THAT(limit.Ended(kFirst + seconds(10)), ElementsAre(Pair("a", 2u)));
  EXPECT_TRUE(limit.Allow("a", kFirst + seconds(10)));
  // Of b nothing was left out, so there is nothing to tell.
  EXPECT_THAT(limit.Ended(kFirst + seconds(30)), IsEmpty());
}

TEST(RateLimit, OfZeroAllowsAll) {
  RateLimit limit(0, seconds(10));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.Allow("a", kFirst));
}

TEST(KindOf, IsTheMessageIdOrTheWordsBeforeNamesAndNumbers) {
  EXPECT_EQ(KindOf("camera 'front' failed", {{"PIPELINE", "x"}, {"MESSAGE_ID", "12"}}), "12");
  // What a client chose must not make kinds without end.
  EXPECT_EQ(KindOf("a client says hello: x", {}), KindOf("a client says hello: y", {}));
  EXPECT_EQ(KindOf("frame 12 of pipeline 'a'", {}), KindOf("frame 13 of pipeline 'b'", {}));
  EXPECT_NE(KindOf("frame 12", {}), KindOf("camera 12", {}));
}

}  // namespace
}  // namespace glimpse::daemon
