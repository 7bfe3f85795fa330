// SPDX-License-Identifier: Apache-2.0
// Requests on the control socket that change what the daemon does, and their verdict.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"

namespace glimpse::cli {

// Sends `method` to the control socket `socket` ("" for the default) and waits for the verdict, which is printed: the
// result's `message`, or with `json` the whole result, or the whole error. A refusal ends with the exit status that the
// daemon gives in `data.exit_status`, else 1.
Outcome AskForChange(const std::string& socket, const std::string& method, const nlohmann::json& params, bool json);

}  // namespace glimpse::cli
