// SPDX-License-Identifier: Apache-2.0
// Bounds what is under way to a thread that may be stuck: handlers posted to asio are a queue without an end.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace glimpse::daemon {

// At most `capacity` things are between Enter() and Leave(). Thread-safe.
class Gate {
 public:
  explicit Gate(size_t capacity) : capacity_(capacity) {}

  // Waits while the gate is full. False, and nothing is inside, once it was closed.
  bool Enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || inside_ < capacity_; });
    if (closed_) return false;
    ++inside_;
    return true;
  }
  // False, and nothing is inside, when the gate is full or closed. Never waits.
  bool TryEnter() {
    const std::lock_guard lock(mutex_);
    if (closed_ || inside_ >= capacity_) return false;
    ++inside_;
    return true;
  }
  void Leave() {
    {
      const std::lock_guard lock(mutex_);
      --inside_;
    }
    changed_.notify_one();
  }
  // Ends every wait, now and later.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace glimpse::daemon
