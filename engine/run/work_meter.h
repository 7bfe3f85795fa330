// SPDX-License-Identifier: Apache-2.0
// Bounds what one invoke may take: steps of work, and time.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/checked_math.h"
#include "base/result.h"
#include "base/strings.h"
#include "engine/model/limits.h"

namespace glimpse {

// Not thread-safe, but for RequestStop(). Allocates only for an error's message.
class WorkMeter {
 public:
  // A kernel that is chosen and prepared during an invoke counts as so many steps.
  static constexpr uint64_t kBindSteps = 20'000;
  // Subgraphs that call each other with shapes that change could ask for any number of preparations.
  static constexpr size_t kMaxBindings = 1'000'000;

  explicit WorkMeter(const Limits& limits) : limits_(limits) {}

  // An invoke begins.
  void Start() {
    steps_ = 0;
    since_look_ = 0;
    bindings_ = 0;
    start_ = std::chrono::steady_clock::now();
  }

  // Errors: kExhausted, without the model's name.
  Result<void> Add(uint64_t steps) {
    const auto total = CheckedAdd(steps_, steps);
    if (!total || *total > limits_.work) {
      return Unexpected(ErrorCode::kExhausted,
                        StrCat("one inference takes more than the limit of ", limits_.work, " steps"));
    }
    steps_ = *total;
    return {};
  }

  // So many operators are about to be bound, at set-up or in an invoke. Errors: as Add().
  Result<void> AddBindings(size_t count) {
    bindings_ += count;
    if (bindings_ <= kMaxBindings) return {};
    return Unexpected(ErrorCode::kExhausted, StrCat("more than ", kMaxBindings, " operators are to be prepared"));
  }

  // To be called before each operator, with the steps that it takes as far as they are known. Looks at the clock only
  // now and then, which for a network of small operators costs more than all else between them. Errors: as Add().
  Result<void> CheckTime(uint64_t steps) {
    if (__atomic_load_n(&should_stop_, __ATOMIC_RELAXED) != 0) {
      return Unexpected(ErrorCode::kExhausted, "stopped on request");
    }
    if (limits_.seconds <= 0) return {};
    since_look_ += kStepsOfAnOperator + (steps < kStepsBetweenLooks ? steps : kStepsBetweenLooks);
    if (since_look_ < kStepsBetweenLooks) return {};
    since_look_ = 0;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start_;
    if (taken.count() <= limits_.seconds) return {};
    return Unexpected(ErrorCode::kExhausted,
                      StrCat("one inference takes longer than the limit of ", limits_.seconds, " seconds"));
  }

  // May be called by any thread.
  void RequestStop() { __atomic_store_n(&should_stop_, 1u, __ATOMIC_RELAXED); }
  void ClearStop() { __atomic_store_n(&should_stop_, 0u, __ATOMIC_RELAXED); }
  // For kernels.
  const uint32_t& should_stop() const { return should_stop_; }

 private:
  // Some 0.1 to 10 ms, by the kernels at work.
  static constexpr uint64_t kStepsBetweenLooks = uint64_t{1} << 20;
  // What each operator counts for besides: those that report nothing must not go on for ever.
  static constexpr uint64_t kStepsOfAnOperator = 1000;

  const Limits& limits_;
  uint64_t steps_ = 0;
  uint64_t since_look_ = 0;
  size_t bindings_ = 0;
  uint32_t should_stop_ = 0;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace glimpse
