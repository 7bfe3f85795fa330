// SPDX-License-Identifier: Apache-2.0
// Handing things from several threads to the one inference thread, which waits for all of them at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace glimpse::daemon {

// Wakes one waiting thread. A ring that comes before the wait is not lost. Thread-safe; one thread waits.
class Wakeup {
 public:
  void Ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    condition_.notify_one();
  }
  // Returns after Ring(), or at `deadline`.
  void WaitUntil(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    condition_.wait_until(lock, deadline, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;
};

// Room for one item between a capture thread and the inference thread. Thread-safe; one thread puts, one takes.
template <typename T>
class Mailbox {
 public:
  enum class Mode {
    kLatest,    // a new item replaces one that nobody took, which counts as dropped: for cameras
    kHandOver,  // Put() waits until the one before was taken: for files, of which none is lost
  };

  // `taker` is rung at every Put() and must outlive the mailbox.
  Mailbox(Mode mode, Wakeup* taker) : mode_(mode), taker_(taker) {}

  // False: a stop was requested while waiting, and `item` is lost.
  bool Put(T item, const std::stop_token& stop) {
    {
      std::unique_lock lock(mutex_);
      if (mode_ == Mode::kHandOver && !taken_.wait(lock, stop, [this] { return !item_; })) return false;
      if (item_) ++dropped_;
      item_ = std::move(item);
    }
    taker_->Ring();
    return true;
  }

  // Never waits.
  std::optional<T> TryTake() {
    std::optional<T> item;
    {
      const std::lock_guard lock(mutex_);
      item.swap(item_);
    }
    if (item) taken_.notify_one();
    return item;
  }

  uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  const Mode mode_;
  Wakeup* const taker_;
  mutable std::mutex mutex_;
  std::condition_variable_any taken_;  // _any: its wait knows stop tokens
  std::optional<T> item_;
  uint64_t dropped_ = 0;
};

// A queue that refuses what it has no room for. Thread-safe.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(size_t capacity, Wakeup* taker) : taker_(taker), capacity_(capacity) {}

  // False, and `item` untouched, when the queue is full.
  bool TryPut(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (items_.size() >= capacity_) return false;
      items_.push_back(std::move(item));
    }
    taker_->Ring();
    return true;
  }
  // What is in it already stays.
  void SetCapacity(size_t capacity) {
    const std::lock_guard lock(mutex_);
    capacity_ = capacity;
  }
  std::optional<T> TryTake() {
    const std::lock_guard lock(mutex_);
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

 private:
  Wakeup* const taker_;
  std::mutex mutex_;  // guards the two below
  size_t capacity_;
  std::deque<T> items_;
};

}  // namespace glimpse::daemon
