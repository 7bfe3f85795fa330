// SPDX-License-Identifier: Apache-2.0
// glimpse watch: predictions as they come.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct WatchOptions {
  std::vector<std::string> pipelines;
  std::string socket;
  bool changes = false;
  double max_rate_hz = 0;
  uint64_t count = 0;
  bool json = false;
};

Json SubscribeParams(const WatchOptions& options) {
  Json params = Json::object();
  if (!options.pipelines.empty()) params["pipelines"] = options.pipelines;
  if (options.changes) params["on"] = "change";
  if (options.max_rate_hz > 0) params["max_rate_hz"] = options.max_rate_hz;
  return params;
}

// Each line is flushed: whoever reads a pipe wants it now.
void Print(const Json& params, bool json) {
  if (json) {
    std::cout << params.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  } else if (params.contains("event")) {
    std::cout << "* " << TextOf(params, "event") << ": " << TextOf(params, "message") << std::endl;
  } else {
    std::cout << PredictionText(params) << std::endl;
  }
}

Outcome RunWatch(const WatchOptions& options) {
  const std::string path = SocketPath(options.socket);
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(path));
  GLIMPSE_RETURN_IF_ERROR(connection.Call("subscribe", SubscribeParams(options)));
  uint64_t seen = 0;
  while (true) {
    GLIMPSE_ASSIGN_OR_RETURN(const auto message, connection.Next());
    if (!message) return {ExitStatus::kRuntimeFailure, StrCat(path, ": the daemon closed the connection")};
    const auto params = message->find("params");
    if (params == message->end() || !params->is_object()) continue;
    Print(*params, options.json);
    if (!std::cout) return ExitStatus::kOk;  // main() says what is wrong with stdout
    if (TextOf(*message, "method") == "prediction" && ++seen == options.count) return ExitStatus::kOk;
  }
}

}  // namespace

void RegisterWatch(CLI::App& app, Context& context) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command = app.add_subcommand("watch", "Shows the daemon's predictions as they come");
  command->add_option("PIPELINE", options->pipelines, "Only these pipelines; without any, all");
  command->add_option("--socket", options->socket,
                      "The daemon's socket; default GLIMPSE_SOCKET, or " + std::string(kDefaultSocket));
  command->add_flag("--changes", options->changes, "Only when the answer changes");
  command->add_option("--max-rate", options->max_rate_hz, "At most so many a second for each region")
      ->check(CLI::Range(0.001, 1000.0));
  command->add_option("--count", options->count, "End after so many predictions")->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "Print each message's params as one JSON object a line");
  command->footer("Ends with status 1 when the daemon ends.");
  command->callback([options, &context] { context.action = [options] { return RunWatch(*options); }; });
}

}  // namespace glimpse::cli
