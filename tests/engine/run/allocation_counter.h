// SPDX-License-Identifier: Apache-2.0
// Counts heap allocations of the whole test program.
#pragma once

#include <cstddef>

namespace glimpse::testkit {

// Calls of operator new since the program started.
size_t Allocations();

}  // namespace glimpse::testkit
