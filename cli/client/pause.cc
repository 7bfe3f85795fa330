// SPDX-License-Identifier: Apache-2.0
// glimpse pause, resume, trigger: pipelines that take no frames for a while, or one out of turn.
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

struct PipelinesOptions {
  std::string method;
  std::string member;   // of the result: names of pipelines
  std::string nothing;  // printed when there is none
  bool control = true;  // which socket
  std::vector<std::string> pipelines = {};
  std::string socket = {};
  bool json = false;
};

Outcome RunOnPipelines(const PipelinesOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(options.control ? ControlSocketPath(options.socket)
                                                                             : SocketPath(options.socket)));
  Json params = Json::object();
  if (!options.pipelines.empty()) params["pipelines"] = options.pipelines;
  GLIMPSE_ASSIGN_OR_RETURN(const Json result, connection.Call(options.method, std::move(params)));
  if (options.json) {
    std::cout << result.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return ExitStatus::kOk;
  }
  std::vector<std::string> named;
  const Json names = result.is_object() ? result.value(options.member, Json::array()) : Json::array();
  for (const Json& name : names) {
    if (name.is_string()) named.push_back(name.get<std::string>());
  }
  std::cout << (named.empty() ? options.nothing : StrCat(options.member, ": ", StrJoin(named, ", "))) << "\n";
  return ExitStatus::kOk;
}

void Register(CLI::App& app, Context& context, const PipelinesOptions& settings, const char* what) {
  auto options = std::make_shared<PipelinesOptions>(settings);
  CLI::App* command = app.add_subcommand(options->method, what);
  command->add_option("PIPELINE", options->pipelines, "Only these pipelines; without any, all");
  command->add_option("--socket", options->socket,
                      options->control
                          ? ControlSocketHelp()
                          : "The daemon's socket; default GLIMPSE_SOCKET, or " + std::string(kDefaultSocket));
  command->add_flag("--json", options->json, "Print the result as one JSON object");
  command->callback([options, &context] { context.action = [options] { return RunOnPipelines(*options); }; });
}

}  // namespace

void RegisterPause(CLI::App& app, Context& context) {
  const std::string nothing = "no pipeline is paused";
  Register(app, context, {"pause", "paused", nothing}, "Makes pipelines of the daemon take no frames until resume");
  Register(app, context, {"resume", "paused", nothing}, "Lets paused pipelines of the daemon go on");
  Register(app, context, {"trigger", "triggered", "no pipeline", false},
           "Has pipelines of the daemon look at the next frame, whatever their trigger");
}

}  // namespace glimpse::cli
