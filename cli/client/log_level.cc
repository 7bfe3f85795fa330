// SPDX-License-Identifier: Apache-2.0
// glimpse log-level: how much the daemon says.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "base/log.h"
#include "cli/client/connection.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct LogLevelOptions {
  std::string level;
  std::string socket;
  bool json = false;
};

Outcome RunLogLevel(const LogLevelOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(ControlSocketPath(options.socket)));
  Json params = Json::object();
  if (!options.level.empty()) params["level"] = options.level;
  GLIMPSE_ASSIGN_OR_RETURN(const Json result, connection.Call("log.level", std::move(params)));
  if (options.json) {
    std::cout << result.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    std::cout << TextOf(result, "level") << "\n";
  }
  return ExitStatus::kOk;
}

}  // namespace

void RegisterLogLevel(CLI::App& app, Context& context) {
  auto options = std::make_shared<LogLevelOptions>();
  CLI::App* command =
      app.add_subcommand("log-level", "Shows or changes how much the daemon logs, until it reads its configuration");
  command->add_option("LEVEL", options->level, "error, warning, notice, info or debug; without it the level is shown")
      ->check(CLI::IsMember(LogLevelNames()));
  command->add_option("--socket", options->socket, ControlSocketHelp());
  command->add_flag("--json", options->json, "Print the result as one JSON object");
  command->callback([options, &context] { context.action = [options] { return RunLogLevel(*options); }; });
}

}  // namespace glimpse::cli
