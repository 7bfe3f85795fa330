// SPDX-License-Identifier: Apache-2.0
// glimpse-op-check as a whole.
#pragma once

namespace glimpse::opcheck {

// Parses the command line and does what it asks for: all of main() but the exit. Returns the exit status.
int Main(int argc, const char* const* argv);

}  // namespace glimpse::opcheck
