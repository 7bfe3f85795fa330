// SPDX-License-Identifier: Apache-2.0
// glimpse status: how the daemon is.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct StatusOptions {
  std::string socket;
  bool json = false;
};

Json Member(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_object() ? *found : Json::object();
}

uint64_t CountOf(const Json& object, const char* key) { return static_cast<uint64_t>(NumberOf(object, key)); }

std::string Uptime(double microseconds) {
  const auto seconds = static_cast<uint64_t>(microseconds / 1e6);
  char clock[32];
  std::snprintf(clock, sizeof(clock), "%02d:%02d:%02d", static_cast<int>(seconds / 3600 % 24),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  return seconds < 86400 ? clock : StrCat(seconds / 86400, " days ", clock);
}

void PrintPipeline(const std::string& name, const Json& pipeline) {
  std::cout << "pipeline " << name << ": " << CountOf(pipeline, "predictions") << " predictions, "
            << CountOf(pipeline, "unknown") << " unknown, " << CountOf(pipeline, "errors") << " errors, "
            << NumberOf(pipeline, "rate_hz") << " a second"
            << (pipeline.is_object() && pipeline.value("paused", Json()) == true ? ", paused" : "") << "\n";
  const Json latency = Member(pipeline, "latency_us");
  for (const char* part : {"preprocess", "inference"}) {
    const Json values = Member(latency, part);
    if (values.empty()) continue;
    std::cout << "  " << part << ": half within " << CountOf(values, "p50") << " us, 99 % within "
              << CountOf(values, "p99") << " us\n";
  }
  const std::string error = TextOf(pipeline, "last_error");
  if (!error.empty()) std::cout << "  last error: " << error << "\n";
}

void Print(const Json& status) {
  const Json clients = Member(status, "clients");
  std::cout << "glimpsed " << TextOf(status, "version") << ": " << TextOf(status, "state") << " for "
            << Uptime(NumberOf(status, "uptime_us")) << ", " << CountOf(clients, "read") + CountOf(clients, "control")
            << " clients\n";
  const Json cameras = Member(status, "cameras");
  for (const auto& [name, camera] : cameras.items()) {
    std::cout << "camera " << name << " (" << TextOf(camera, "source") << "): " << TextOf(camera, "state") << ", "
              << CountOf(camera, "frames") << " frames, " << CountOf(camera, "dropped") << " dropped, "
              << CountOf(camera, "skipped") << " skipped";
    if (const Json picture = Member(camera, "picture"); !picture.empty()) {
      std::cout << ", " << CountOf(picture, "width") << "x" << CountOf(picture, "height") << " "
                << TextOf(picture, "format") << " " << TextOf(picture, "colour");
    }
    const auto recoveries = CountOf(camera, "restarts") + CountOf(camera, "reopens");
    if (recoveries > 0) std::cout << ", " << recoveries << " attempts to recover";
    std::cout << "\n";
    const std::string error = TextOf(camera, "last_error");
    if (!error.empty()) std::cout << "  last error: " << error << "\n";
  }
  const Json pipelines = Member(status, "pipelines");
  for (const auto& [name, pipeline] : pipelines.items()) PrintPipeline(name, pipeline);
}

Outcome RunStatus(const StatusOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(SocketPath(options.socket)));
  GLIMPSE_ASSIGN_OR_RETURN(const Json status, connection.Call("status", Json::object()));
  if (options.json) {
    std::cout << status.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    Print(status);
  }
  return ExitStatus::kOk;
}

}  // namespace

void RegisterStatus(CLI::App& app, Context& context) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = app.add_subcommand("status", "Asks the daemon how it is");
  command->add_option("--socket", options->socket,
                      "The daemon's socket; default GLIMPSE_SOCKET, or " + std::string(kDefaultSocket));
  command->add_flag("--json", options->json, "Print the result as one JSON object");
  command->callback([options, &context] { context.action = [options] { return RunStatus(*options); }; });
}

}  // namespace glimpse::cli
