// SPDX-License-Identifier: Apache-2.0
// The methods `reload` and `kernels.set` (docs/protocol.md), of the control socket.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/reload/reloader.h"
#include "daemon/server/methods.h"

namespace glimpse::daemon {

MethodResult ReloadMethod(const RpcRequest& request, Caller& caller, Backend& backend);
MethodResult KernelsSetMethod(const RpcRequest& request, Caller& caller, Backend& backend);

// A verdict as the answer to either.
MethodResult VerdictResult(const ReloadVerdict& verdict);

// The member `reload` of the result of `status`.
nlohmann::json HistoryJson(const ReloadHistory& history);

}  // namespace glimpse::daemon
