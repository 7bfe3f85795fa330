// SPDX-License-Identifier: Apache-2.0
// The operators: each Make function gives a kernel that validates one operator of the model and computes it.
#pragma once

#include <memory>

#include "glimpse/sdk.h"

namespace glimpse::ops {

#define GLIMPSE_OP(name, op, ...) std::unique_ptr<sdk::Kernel> Make##name();
#include "plugins/ops/ops.def"
#undef GLIMPSE_OP

}  // namespace glimpse::ops
