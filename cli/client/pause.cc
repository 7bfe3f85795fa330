// SPDX-License-Identifier: Apache-2.0
// glimpse pause, glimpse resume: pipelines that take no frames for a while.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct PauseOptions {
  std::string method;
  std::vector<std::string> pipelines;
  std::string socket;
  bool json = false;
};

Outcome RunPause(const PauseOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(ControlSocketPath(options.socket)));
  Json params = Json::object();
  if (!options.pipelines.empty()) params["pipelines"] = options.pipelines;
  GLIMPSE_ASSIGN_OR_RETURN(const Json result, connection.Call(options.method, std::move(params)));
  if (options.json) {
    std::cout << result.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return ExitStatus::kOk;
  }
  std::vector<std::string> paused;
  const Json names = result.is_object() ? result.value("paused", Json::array()) : Json::array();
  for (const Json& name : names) {
    if (name.is_string()) paused.push_back(name.get<std::string>());
  }
  std::cout << (paused.empty() ? "no pipeline is paused" : StrCat("paused: ", StrJoin(paused, ", "))) << "\n";
  return ExitStatus::kOk;
}

void Register(CLI::App& app, Context& context, const char* method, const char* what) {
  auto options = std::make_shared<PauseOptions>();
  options->method = method;
  CLI::App* command = app.add_subcommand(method, what);
  command->add_option("PIPELINE", options->pipelines, "Only these pipelines; without any, all");
  command->add_option("--socket", options->socket, ControlSocketHelp());
  command->add_flag("--json", options->json, "Print the result as one JSON object");
  command->callback([options, &context] { context.action = [options] { return RunPause(*options); }; });
}

}  // namespace

void RegisterPause(CLI::App& app, Context& context) {
  Register(app, context, "pause", "Makes pipelines of the daemon take no frames until resume");
  Register(app, context, "resume", "Lets paused pipelines of the daemon go on");
}

}  // namespace glimpse::cli
