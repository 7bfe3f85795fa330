// SPDX-License-Identifier: Apache-2.0
// Counts the memory of one interpreter against its limit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace glimpse {

// Not thread-safe. Outlives every BudgetShare that was made of it.
class MemoryBudget {
 public:
  explicit MemoryBudget(uint64_t limit) : limit_(static_cast<size_t>(std::min<uint64_t>(limit, SIZE_MAX))) {}

  size_t limit() const { return limit_; }
  size_t used() const { return used_; }
  size_t left() const { return limit_ - used_; }
  // False, and nothing is taken, when so much is not left.
  bool Take(size_t bytes) {
    if (bytes > left()) return false;
    used_ += bytes;
    return true;
  }
  void Give(size_t bytes) { used_ -= std::min(bytes, used_); }

 private:
  size_t limit_;
  size_t used_ = 0;
};

// What one owner has taken; given back at its end. Movable.
class BudgetShare {
 public:
  BudgetShare() = default;
  explicit BudgetShare(MemoryBudget& budget) : budget_(&budget) {}
  BudgetShare(BudgetShare&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  BudgetShare& operator=(BudgetShare&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~BudgetShare() {
    if (budget_ != nullptr) budget_->Give(bytes_);
  }

  size_t bytes() const { return bytes_; }
  bool Take(size_t bytes) {
    if (!budget_->Take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  // REQUIRES: bytes <= bytes().
  void Give(size_t bytes) {
    budget_->Give(bytes);
    bytes_ -= bytes;
  }

 private:
  MemoryBudget* budget_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace glimpse
