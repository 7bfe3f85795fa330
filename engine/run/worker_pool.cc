// SPDX-License-Identifier: Apache-2.0
#include "engine/run/worker_pool.h"

#include <pthread.h>

#include <chrono>
#include <map>
#include <mutex>
#include <system_error>

#include "base/strings.h"

namespace glimpse {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kStop = uint32_t{1} << 31;
constexpr uint32_t kOpen = uint32_t{1} << 30;
// Longer than most operators take, so that a thread that found nothing in one is there for the next.
constexpr auto kPatience = std::chrono::microseconds(200);

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

// Until `state` is no longer `seen`: awake for kPatience, then asleep. Another thread must call notify_all() then.
void Await(const std::atomic<uint32_t>& state, uint32_t seen) {
  const auto end = Clock::now() + kPatience;
  do {
    for (int i = 0; i < 32; ++i) {
      if (state.load(std::memory_order_acquire) != seen) return;
      Pause();
    }
  } while (Clock::now() < end);
  state.wait(seen, std::memory_order_acquire);
}

}  // namespace

Result<std::shared_ptr<WorkerPool>> WorkerPool::Create(uint32_t workers) {
  std::shared_ptr<WorkerPool> pool(new WorkerPool(workers));
  try {
    for (uint32_t worker = 1; worker < workers; ++worker) {
      pool->threads_.emplace_back([self = pool.get(), worker] { self->Work(worker); });
      pthread_setname_np(pool->threads_.back().native_handle(), "glimpse-worker");
    }
  } catch (const std::system_error& error) {
    return Unexpected(ErrorCode::kExhausted, StrCat(workers, " threads: ", error.what()));
  }
  return pool;
}

Result<std::shared_ptr<WorkerPool>> WorkerPool::OfProcess(uint32_t workers) {
  static std::mutex mutex;
  static std::map<uint32_t, std::weak_ptr<WorkerPool>> pools;
  if (workers < 2) return std::shared_ptr<WorkerPool>();
  const std::lock_guard lock(mutex);
  std::weak_ptr<WorkerPool>& known = pools[workers];
  if (auto pool = known.lock()) return pool;
  GLIMPSE_ASSIGN_OR_RETURN(auto pool, Create(workers));
  known = pool;
  return pool;
}

WorkerPool::~WorkerPool() {
  state_.fetch_or(kStop);
  state_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::Run(uint32_t item_count, Task task, void* data) noexcept {
  // Each worker counts one item beyond the last, which must not begin again at 0.
  if (item_count < 2 || item_count > UINT32_MAX - kMostWorkers || taken_.test_and_set(std::memory_order_acquire)) {
    for (uint32_t item = 0; item < item_count; ++item) task(data, item, 0);
    return;
  }
  item_count_ = item_count;
  task_ = task;
  data_ = data;
  next_.store(0, std::memory_order_relaxed);
  state_.store(kOpen, std::memory_order_release);
  state_.notify_all();
  TakeItems(0);
  for (uint32_t state = state_.load(std::memory_order_acquire); state != 0;
       state = state_.load(std::memory_order_acquire)) {
    Await(state_, state);
  }
  taken_.clear(std::memory_order_release);
}

// Whoever finds no more items lets nobody else in.
void WorkerPool::TakeItems(uint32_t worker) noexcept {
  while (true) {
    const uint32_t item = next_.fetch_add(1, std::memory_order_relaxed);
    if (item >= item_count_) break;
    task_(data_, item, worker);
  }
  state_.fetch_and(~kOpen, std::memory_order_acq_rel);
}

void WorkerPool::Work(uint32_t worker) noexcept {
  while (true) {
    uint32_t state = state_.load(std::memory_order_acquire);
    if ((state & kStop) != 0) return;
    if ((state & kOpen) == 0) {
      Await(state_, state);
    } else if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) {
      TakeItems(worker);
      if (state_.fetch_sub(1, std::memory_order_acq_rel) == 1) state_.notify_all();
    }
  }
}

}  // namespace glimpse
