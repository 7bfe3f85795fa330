// SPDX-License-Identifier: Apache-2.0
#include "cli/client/control.h"

#include <iostream>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/client/prediction_text.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

// What the daemon says a program should end with. Another program may answer here, so the number is checked.
ExitStatus StatusOf(const Json& error) {
  if (!error.is_object() || !error.contains("data")) return ExitStatus::kRuntimeFailure;
  switch (static_cast<int>(NumberOf(error["data"], "exit_status"))) {
    case 3:
      return ExitStatus::kInvalidModel;
    case 4:
      return ExitStatus::kUnsupportedModel;
    case 5:
      return ExitStatus::kInvalidConfig;
    case 7:
      return ExitStatus::kPluginRefused;
    default:
      return ExitStatus::kRuntimeFailure;
  }
}

std::string Text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

Outcome AskForChange(const std::string& socket, const std::string& method, const Json& params, bool json) {
  const std::string path = ControlSocketPath(socket);
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(path));
  GLIMPSE_ASSIGN_OR_RETURN(const Json answer, connection.Ask(method, params));
  if (answer.contains("error")) {
    const Json& error = answer["error"];
    if (json) std::cout << Text(error) << "\n";
    const std::string message = TextOf(error, "message", "the daemon refuses");
    return {StatusOf(error), json ? "" : message};
  }
  const Json& result = answer["result"];
  if (json) {
    std::cout << Text(result) << "\n";
  } else {
    std::cout << TextOf(result, "message", "done") << "\n";
  }
  return ExitStatus::kOk;
}

}  // namespace glimpse::cli
