// SPDX-License-Identifier: Apache-2.0
// A thread for what takes a while and must hold up neither clients nor inference: encoding pictures.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <thread>

#include "daemon/mailbox.h"

namespace glimpse::daemon {

// Starts its thread with the first job: a daemon that is never asked has none. For one thread that gives jobs.
class SideThread {
 public:
  explicit SideThread(size_t capacity) : jobs_(capacity, &wakeup_) {}
  ~SideThread() { Stop(); }

  // False, and `job` is not run, when `capacity` wait already.
  bool TryRun(std::function<void()>&& job) {
    if (!jobs_.TryPut(std::move(job))) return false;
    if (!thread_.joinable()) {
      thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
    }
    return true;
  }

  // How many may wait from now on; those that do stay.
  void SetCapacity(size_t capacity) { jobs_.SetCapacity(capacity); }

  // Waits for the job at work; those that wait are not run. Idempotent.
  void Stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    wakeup_.Ring();
    thread_.join();
  }

 private:
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (auto job = jobs_.TryTake()) {
        (*job)();
      } else {
        wakeup_.WaitUntil(std::chrono::steady_clock::now() + std::chrono::hours(1));
      }
    }
  }

  Wakeup wakeup_;
  BoundedQueue<std::function<void()>> jobs_;
  std::jthread thread_;
};

}  // namespace glimpse::daemon
