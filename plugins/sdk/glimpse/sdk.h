// SPDX-License-Identifier: Apache-2.0
// C++20 SDK for operator plugins, header-only over glimpse/op_abi.h. A plugin is a class derived from sdk::Kernel for
// each operator, a constexpr list of sdk::OpSpec, and GLIMPSE_OP_PLUGIN (glimpse/sdk/plugin.h shows one). Exceptions
// thrown in a kernel end as GLIMPSE_INTERNAL with their text; none crosses the C boundary.
#pragma once

#include "glimpse/sdk/context.h"  // IWYU pragma: export
#include "glimpse/sdk/kernel.h"   // IWYU pragma: export
#include "glimpse/sdk/plugin.h"   // IWYU pragma: export
#include "glimpse/sdk/status.h"   // IWYU pragma: export
#include "glimpse/sdk/tensor.h"   // IWYU pragma: export
