// SPDX-License-Identifier: Apache-2.0
// Threads that share the parts of an operator with the thread that runs it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"

namespace glimpse {

// Between two operators the threads look for work for a while before they sleep, so that a small operator need not wake
// them; one that comes too late for a piece of work is not waited for. Thread-safe.
class WorkerPool {
 public:
  static constexpr uint32_t kMostWorkers = 64;
  using Task = void (*)(void* data, uint32_t item, uint32_t worker);

  // `workers` from 2 to kMostWorkers, of which the thread that calls Run() is one. Errors: kExhausted when the system
  // has no more threads.
  static Result<std::shared_ptr<WorkerPool>> Create(uint32_t workers);
  // One for the whole process for each number of workers, as long as somebody holds it; nullptr for `workers` of 0 and
  // 1, which need none. Errors: as Create().
  static Result<std::shared_ptr<WorkerPool>> OfProcess(uint32_t workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  uint32_t worker_count() const { return worker_count_; }

  // As glimpse_invoke.parallel says. While the pool works for one caller, another one does its items alone. Allocates
  // nothing. `task` must not throw.
  void Run(uint32_t item_count, Task task, void* data) noexcept;

 private:
  explicit WorkerPool(uint32_t workers) : worker_count_(workers) {}

  void Work(uint32_t worker) noexcept;
  void TakeItems(uint32_t worker) noexcept;

  const uint32_t worker_count_;
  std::vector<std::thread> threads_;
  std::atomic_flag taken_ = ATOMIC_FLAG_INIT;  // by a caller
  // kStop and kOpen, and below them how many threads are at work. While it is open more may come; what follows is
  // written when it is neither open nor has a thread at work.
  std::atomic<uint32_t> state_ = 0;
  uint32_t item_count_ = 0;
  Task task_ = nullptr;
  void* data_ = nullptr;
  std::atomic<uint32_t> next_ = 0;  // item
};

}  // namespace glimpse
