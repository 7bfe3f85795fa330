// SPDX-License-Identifier: Apache-2.0
// How a plugin is refused.
#pragma once

#include <string>

#include "base/result.h"

namespace glimpse {

// The error of a plugin that is not taken: `reason` without the plugin's path, which the host puts before it.
inline Unexpected Refuse(const std::string& reason) { return Unexpected(ErrorCode::kPlugin, reason); }

}  // namespace glimpse
