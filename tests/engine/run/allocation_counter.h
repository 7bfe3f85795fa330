// SPDX-License-Identifier: Apache-2.0
// Counts heap allocations of the whole test program.
#pragma once

#include <cstddef>
#include <optional>

namespace glimpse::testkit {

// Calls of operator new since the program started; nothing in a sanitizer build.
std::optional<size_t> Allocations();

}  // namespace glimpse::testkit
