// SPDX-License-Identifier: Apache-2.0
#include "engine/run/memory_plan.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "glimpse/op_abi.h"

namespace glimpse {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max() / 2;

bool AliveTogether(const BufferRequest& a, const BufferRequest& b) { return a.first <= b.last && b.first <= a.last; }

// Fails the test when two buffers alive at one step share a byte, or one leaves the arena.
void ExpectSound(const std::vector<BufferRequest>& requests, const MemoryPlan& plan) {
  ASSERT_EQ(plan.offsets.size(), requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % GLIMPSE_ALIGN, 0u);
    EXPECT_LE(plan.offsets[i] + requests[i].bytes + GLIMPSE_TAIL_BYTES, plan.arena_bytes);
    for (size_t j = 0; j < i; ++j) {
      if (!AliveTogether(requests[i], requests[j])) continue;
      const bool apart = plan.offsets[i] + requests[i].bytes <= plan.offsets[j] ||
                         plan.offsets[j] + requests[j].bytes <= plan.offsets[i];
      EXPECT_TRUE(apart) << "buffers " << i << " and " << j << " overlap";
    }
  }
}

TEST(MemoryPlan, NoRequestsNeedOnlyTheTail) {
  const auto plan = PlanMemory({}, kNoLimit);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->arena_bytes, GLIMPSE_TAIL_BYTES);
}

TEST(MemoryPlan, BuffersOfDifferentTimesShareOnePlace) {
  const std::vector<BufferRequest> requests{{1024, 0, 1}, {1024, 2, 3}, {1024, 4, 5}};
  const auto plan = PlanMemory(requests, kNoLimit);
  ASSERT_TRUE(plan);
  ExpectSound(requests, *plan);
  EXPECT_EQ(plan->arena_bytes, 1024 + GLIMPSE_TAIL_BYTES);
}

TEST(MemoryPlan, AChainNeedsItsTwoLargestNeighbours) {
  // Sizes 640, 1280, 320, 640 of a chain: the middle pair 1280 + 640 is alive at once.
  const std::vector<BufferRequest> requests{{640, -1, 0}, {1280, 0, 1}, {320, 1, 2}, {640, 2, 3}};
  const auto plan = PlanMemory(requests, kNoLimit);
  ASSERT_TRUE(plan);
  ExpectSound(requests, *plan);
  EXPECT_EQ(MemoryLowerBound(requests), 1920u);
  EXPECT_EQ(plan->arena_bytes, 1920 + GLIMPSE_TAIL_BYTES);
}

TEST(MemoryPlan, ZeroByteBuffersGetAPlaceOfTheirOwn) {
  const std::vector<BufferRequest> requests{{0, 0, 3}, {0, 1, 2}, {64, 0, 3}};
  const auto plan = PlanMemory(requests, kNoLimit);
  ASSERT_TRUE(plan);
  ExpectSound(requests, *plan);
}

TEST(MemoryPlan, RandomGraphsNeverOverlapAndStayNearTheLowerBound) {
  const unsigned seed = 20240229;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<BufferRequest> requests(1 + random() % 60);
    for (BufferRequest& request : requests) {
      request.first = static_cast<int>(random() % 40);
      request.last = request.first + static_cast<int>(random() % 6);
      request.bytes = random() % 10000;
    }
    const auto plan = PlanMemory(requests, kNoLimit);
    ASSERT_TRUE(plan);
    ExpectSound(requests, *plan);
    EXPECT_GE(plan->arena_bytes, MemoryLowerBound(requests));
  }
}

TEST(MemoryPlan, MoreThanTheLimitIsRefused) {
  const auto plan = PlanMemory({{4096, 0, 1}, {4096, 1, 2}}, 8191);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(plan.error().message, "needs more than 8191 bytes of memory for its tensors");
}

TEST(MemoryPlan, SizesNearTheEndOfSizeTAreRefusedNotWrapped) {
  const auto plan = PlanMemory({{SIZE_MAX - 10, 0, 1}, {SIZE_MAX / 2, 0, 1}}, SIZE_MAX - 128);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kExhausted);
}

}  // namespace
}  // namespace glimpse
