// SPDX-License-Identifier: Apache-2.0
// Arithmetic on sizes that come from untrusted files: every result is checked for overflow.
#pragma once

#include <concepts>
#include <optional>

namespace glimpse {

// a + b, or nothing when it does not fit T.
template <std::integral T>
constexpr std::optional<T> CheckedAdd(T a, T b) {
  T result{};
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// a * b, or nothing when it does not fit T.
template <std::integral T>
constexpr std::optional<T> CheckedMul(T a, T b) {
  T result{};
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// The smallest multiple of `alignment` (a power of two) that is >= value, or nothing when it does not fit.
template <std::unsigned_integral T>
constexpr std::optional<T> CheckedAlignUp(T value, T alignment) {
  const auto sum = CheckedAdd<T>(value, alignment - 1);
  if (!sum) return std::nullopt;
  return *sum & ~(alignment - 1);
}

}  // namespace glimpse
