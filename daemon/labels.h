// SPDX-License-Identifier: Apache-2.0
// Names of classes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace glimpse::daemon {

// One class a line, UTF-8, spaces around it cut off; empty lines at the end do not count. At most 1 MiB.
// Errors: kInvalidConfig "FILE: ..." or "FILE:LINE: ...".
Result<std::vector<std::string>> ReadLabels(const std::string& path);

// "0", "1", ...: what classes are called without a labels file.
std::vector<std::string> NumberLabels(size_t count);

}  // namespace glimpse::daemon
