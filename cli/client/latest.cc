// SPDX-License-Identifier: Apache-2.0
// glimpse latest: the last prediction of each region.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/client/connection.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct LatestOptions {
  std::vector<std::string> pipelines;
  std::string socket;
  bool json = false;
};

Outcome RunLatest(const LatestOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(SocketPath(options.socket)));
  Json params = Json::object();
  if (!options.pipelines.empty()) params["pipelines"] = options.pipelines;
  GLIMPSE_ASSIGN_OR_RETURN(const Json result, connection.Call("latest", std::move(params)));
  if (options.json) {
    std::cout << result.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return ExitStatus::kOk;
  }
  const Json predictions = result.is_object() ? result.value("predictions", Json::array()) : Json::array();
  for (const Json& prediction : predictions) std::cout << PredictionText(prediction) << "\n";
  if (predictions.empty()) std::cout << "no prediction so far; 'glimpse status' says how the cameras are\n";
  return ExitStatus::kOk;
}

}  // namespace

void RegisterLatest(CLI::App& app, Context& context) {
  auto options = std::make_shared<LatestOptions>();
  CLI::App* command = app.add_subcommand("latest", "Shows the last prediction of each region");
  command->add_option("PIPELINE", options->pipelines, "Only these pipelines; without any, all");
  command->add_option("--socket", options->socket,
                      "The daemon's socket; default GLIMPSE_SOCKET, or " + std::string(kDefaultSocket));
  command->add_flag("--json", options->json, "Print the result as one JSON object");
  command->callback([options, &context] { context.action = [options] { return RunLatest(*options); }; });
}

}  // namespace glimpse::cli
