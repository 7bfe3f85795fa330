// SPDX-License-Identifier: Apache-2.0
// glimpse reload: has the daemon read its configuration again, and waits for the verdict.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/client/connection.h"
#include "cli/client/control.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

struct ReloadOptions {
  std::string socket;
  bool json = false;
};

}  // namespace

void RegisterReload(CLI::App& app, Context& context) {
  auto options = std::make_shared<ReloadOptions>();
  CLI::App* command = app.add_subcommand(
      "reload", "Has the daemon read its configuration, models and plugins again; waits for the verdict");
  command->add_option(
      "--socket", options->socket,
      "The daemon's control socket; default GLIMPSE_CONTROL_SOCKET, or " + std::string(kDefaultControlSocket));
  command->add_flag("--json", options->json, "Print the result, or the error, as one JSON object");
  command->callback([options, &context] {
    context.action = [options] {
      return AskForChange(options->socket, "reload", nlohmann::json::object(), options->json);
    };
  });
}

}  // namespace glimpse::cli
