// SPDX-License-Identifier: Apache-2.0
// Divider: many divisions by one number.
#pragma once

#include <cstdint>

namespace glimpse::media {

// floor(n / d) for n < 256 d, by a multiplication where d < 2^23.5.
//
// With m = floor(2^55 / d) + 1 = (2^55 + e) / d, 0 < e <= d, n m / 2^55 exceeds n / d by n e / (2^55 d) <= n / 2^55 <
// 256 d / 2^55, which is below 1/d when 256 d^2 < 2^55: too little to reach the next whole number, for n / d is at
// least 1/d below it. n m is below 256 (2^55 + d) < 2^64.
class Divider {
 public:
  explicit Divider(uint64_t divisor) : divisor_(divisor) {
    if (divisor <= kMost) factor_ = (uint64_t{1} << kShift) / divisor + 1;
  }
  // REQUIRES: n < 256 * divisor.
  uint64_t operator()(uint64_t n) const { return factor_ != 0 ? n * factor_ >> kShift : n / divisor_; }

 private:
  static constexpr unsigned kShift = 55;
  static constexpr uint64_t kMost = 11'000'000;  // 256 * kMost^2 < 2^55
  uint64_t divisor_;
  uint64_t factor_ = 0;
};

}  // namespace glimpse::media
