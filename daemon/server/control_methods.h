// SPDX-License-Identifier: Apache-2.0
// The methods that only the control socket has: they change things, or show pictures.
#pragma once

#include <span>

#include "daemon/server/methods.h"

namespace glimpse::daemon {

std::span<const Method> ControlMethods();

}  // namespace glimpse::daemon
