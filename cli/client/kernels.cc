// SPDX-License-Identifier: Apache-2.0
// glimpse kernels: which kernels the daemon computes with, and other ones while it runs.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/client/control.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"
#include "engine/run/kernel_spec.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct KernelsOptions {
  std::string socket;
  std::vector<std::string> pipelines;
  bool json = false;
  // set
  std::vector<std::string> words;  // [PIPELINE] SPEC
};

// The members of a pipeline of `describe` that are about kernels.
void PrintKernels(const std::string& name, const Json& pipeline) {
  const Json kernels = pipeline.value("kernels", Json::object());
  std::cout << "pipeline " << name << ": " << TextOf(pipeline, "numerics") << ", kernels "
            << TextOf(kernels, "use", "?");
  const Json overrides = kernels.value("override", Json::object());
  for (const auto& [key, plugin] : overrides.items()) {
    if (plugin.is_string()) std::cout << "," << Printable(key, 60) << "=" << Printable(plugin.get<std::string>(), 60);
  }
  if (kernels.value("set", Json()) == true) std::cout << " (set while running)";
  std::cout << "\n";
  for (const Json& op : pipeline.value("operators", Json::array())) {
    if (!op.is_object()) continue;
    std::cout << "  " << static_cast<int64_t>(NumberOf(op, "index")) << " " << TextOf(op, "op") << ": "
              << TextOf(op, "impl") << " of plugin " << TextOf(op, "plugin") << "\n";
  }
}

Outcome ShowKernels(const KernelsOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(SocketPath(options.socket)));
  Json params = Json::object();
  if (!options.pipelines.empty()) params["pipelines"] = options.pipelines;
  GLIMPSE_ASSIGN_OR_RETURN(const Json description, connection.Call("describe", std::move(params)));
  Json shown = Json::object();
  const Json pipelines = description.is_object() ? description.value("pipelines", Json::object()) : Json::object();
  for (const auto& [name, pipeline] : pipelines.items()) {
    if (!pipeline.is_object()) continue;
    if (!options.json) PrintKernels(name, pipeline);
    shown[name] = {{"numerics", pipeline.value("numerics", Json())},
                   {"kernels", pipeline.value("kernels", Json())},
                   {"operators", pipeline.value("operators", Json::array())}};
  }
  if (options.json) {
    std::cout << Json{{"pipelines", shown}}.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  }
  return ExitStatus::kOk;
}

Outcome SetKernels(const KernelsOptions& options) {
  const auto spec = KernelSpec::Parse(options.words.back());
  if (!spec) return UsageError(StrCat("kernels set: ", spec.error().message));
  Json params{{"use", spec->use}, {"override", spec->overrides}};
  if (options.words.size() == 2) params["pipeline"] = options.words.front();
  return AskForChange(options.socket, "kernels.set", params, options.json);
}

}  // namespace

void RegisterKernels(CLI::App& app, Context& context) {
  auto options = std::make_shared<KernelsOptions>();
  CLI::App* command = app.add_subcommand(
      "kernels", "Shows the kernels that the daemon computes with; 'kernels set' swaps them while it runs");
  command->add_option("PIPELINE", options->pipelines, "Pipelines to show; default all");
  command->add_option("--socket", options->socket,
                      "The daemon's socket; default GLIMPSE_SOCKET, or " + std::string(kDefaultSocket));
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, command, &context] {
    if (command->got_subcommand("set")) return;
    context.action = [options] { return ShowKernels(*options); };
  });

  CLI::App* set = command->add_subcommand(
      "set", "Computes a pipeline with other kernels, once they proved to give the same results");
  set->add_option("SPEC", options->words,
                  "The pipeline, unless there is only one, and its kernels: auto, or a plugin's name, and overrides,\n"
                  "such as auto,CONV_2D=reference. Holds until the next reload or restart")
      ->type_name("[PIPELINE] SPEC")
      ->required()
      ->expected(1, 2);
  set->add_option(
      "--socket", options->socket,
      "The daemon's control socket; default GLIMPSE_CONTROL_SOCKET, or " + std::string(kDefaultControlSocket));
  set->add_flag("--json", options->json, "Print the result, or the error, as one JSON object");
  set->callback([options, &context] { context.action = [options] { return SetKernels(*options); }; });
}

}  // namespace glimpse::cli
