// SPDX-License-Identifier: Apache-2.0
// Elements of bool tensors.
#pragma once

#include <cstdint>

namespace glimpse::kernels {

// One byte, of which every value but 0 is true; what is written is 0 or 1. A file or a caller may hand in bytes that
// C++'s own bool must not hold.
struct Boolean {
  constexpr Boolean() = default;
  constexpr Boolean(bool value) : byte(value ? 1 : 0) {}  // NOLINT(google-explicit-constructor): is one
  constexpr operator bool() const { return byte != 0; }   // NOLINT(google-explicit-constructor): reads as one
  uint8_t byte = 0;
};
static_assert(sizeof(Boolean) == 1);

}  // namespace glimpse::kernels
