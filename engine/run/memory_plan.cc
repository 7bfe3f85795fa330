// SPDX-License-Identifier: Apache-2.0
#include "engine/run/memory_plan.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "glimpse/op_abi.h"

namespace glimpse {
namespace {

constexpr size_t kAlign = GLIMPSE_ALIGN;

Unexpected TooLarge(size_t max_bytes) {
  return Unexpected(ErrorCode::kExhausted, StrCat("needs more than ", max_bytes, " bytes of memory for its tensors"));
}

struct Placed {
  size_t begin;
  size_t end;
  int first;
  int last;
};

// The lowest aligned offset where `bytes` fit between the buffers of `placed` (sorted by begin) alive at the same time.
size_t LowestFreeOffset(const std::vector<Placed>& placed, size_t bytes, const BufferRequest& request) {
  size_t offset = 0;
  for (const Placed& other : placed) {
    if (other.last < request.first || request.last < other.first) continue;
    if (other.begin >= offset && other.begin - offset >= bytes) break;
    offset = std::max(offset, other.end);
  }
  return offset;
}

}  // namespace

Result<MemoryPlan> PlanMemory(const std::vector<BufferRequest>& requests, size_t max_bytes) {
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return requests[a].bytes > requests[b].bytes; });

  MemoryPlan plan;
  plan.offsets.resize(requests.size());
  std::vector<Placed> placed;
  placed.reserve(requests.size());
  for (const size_t index : order) {
    const BufferRequest& request = requests[index];
    const auto bytes = CheckedAlignUp<size_t>(std::max<size_t>(request.bytes, 1), kAlign);
    if (!bytes || *bytes > max_bytes) return TooLarge(max_bytes);
    const size_t offset = LowestFreeOffset(placed, *bytes, request);
    const size_t end = offset + *bytes;  // both at most max_bytes so far, which is far below SIZE_MAX
    if (end > max_bytes || end < offset) return TooLarge(max_bytes);
    const Placed here{offset, end, request.first, request.last};
    placed.insert(std::upper_bound(placed.begin(), placed.end(), here,
                                   [](const Placed& a, const Placed& b) { return a.begin < b.begin; }),
                  here);
    plan.offsets[index] = offset;
    plan.arena_bytes = std::max(plan.arena_bytes, end);
  }
  // What follows a buffer in the arena is another buffer or this tail: readable either way.
  plan.arena_bytes += GLIMPSE_TAIL_BYTES;
  return plan;
}

size_t MemoryLowerBound(const std::vector<BufferRequest>& requests) {
  std::map<int, std::pair<size_t, size_t>> changes;  // step -> bytes that begin, bytes that ended before
  for (const BufferRequest& request : requests) {
    changes[request.first].first += request.bytes;
    changes[request.last + 1].second += request.bytes;
  }
  size_t alive = 0;
  size_t largest = 0;
  for (const auto& [step, change] : changes) {
    alive = alive - change.second + change.first;
    largest = std::max(largest, alive);
  }
  return largest;
}

}  // namespace glimpse
