// SPDX-License-Identifier: Apache-2.0
// glimpse snapshot: the frame that the daemon classified, and what each region of it became.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/client/evidence_files.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"
#include "cli/samples.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

struct SnapshotOptions {
  std::string pipeline;
  std::string frame;
  std::string output;
  std::string socket;
  bool json = false;
};

// Names of pipelines and regions are letters, digits, '_' and '-' (the daemon sees to it); a server that says otherwise
// must not choose where we write.
Result<void> CheckFileName(const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos || name.front() == '.') {
    return Unexpected(ErrorCode::kIo,
                      StrCat("the daemon's answer has a name that cannot be a file's: '", Printable(name, 60), "'"));
  }
  return {};
}

Result<void> SaveSnapshot(Json& snapshot, const std::string& folder) {
  GLIMPSE_RETURN_IF_ERROR(MakeFolder(folder));
  GLIMPSE_RETURN_IF_ERROR(WriteMember(snapshot, "png", folder + "/frame.png"));
  std::cout << folder << "/frame.png\n";
  for (Json& region : snapshot["regions"]) {
    const std::string given = TextOf(region, "region");
    const std::string name = given.empty() ? "input" : given;
    GLIMPSE_RETURN_IF_ERROR(CheckFileName(name));
    GLIMPSE_RETURN_IF_ERROR(WriteMember(region["input"], "npy", StrCat(folder, "/", name, ".npy")));
    GLIMPSE_RETURN_IF_ERROR(WriteMember(region["input"], "png", StrCat(folder, "/", name, ".png")));
    std::cout << folder << "/" << name << ".png, .npy: " << PredictionText(region["prediction"]) << "\n";
  }
  return WriteJson(snapshot, folder + "/snapshot.json");
}

Outcome RunSnapshot(const SnapshotOptions& options) {
  Json params = Json::object();
  if (!options.pipeline.empty()) params["pipeline"] = options.pipeline;
  if (const auto added = AddFrame(options.frame, &params); !added) {
    return UsageError(StrCat("snapshot: ", added.error().message));
  }
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(ControlSocketPath(options.socket)));
  GLIMPSE_ASSIGN_OR_RETURN(Json snapshot, connection.Call("snapshot", std::move(params)));
  if (!snapshot.is_object() || !snapshot.contains("regions") || !snapshot["regions"].is_array()) {
    return {ExitStatus::kRuntimeFailure, "snapshot: the daemon's answer has no regions"};
  }
  if (options.json) {
    std::cout << snapshot.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    if (options.output.empty()) return ExitStatus::kOk;
  }
  std::string folder = options.output;
  if (folder.empty()) {
    const std::string name = TextOf(snapshot, "pipeline");
    GLIMPSE_RETURN_IF_ERROR(CheckFileName(name));
    folder = StrCat(name, "-", static_cast<uint64_t>(NumberOf(snapshot, "frame")));
  }
  GLIMPSE_RETURN_IF_ERROR(SaveSnapshot(snapshot, folder));
  return ExitStatus::kOk;
}

}  // namespace

void RegisterSnapshot(CLI::App& app, Context& context) {
  auto options = std::make_shared<SnapshotOptions>();
  CLI::App* command =
      app.add_subcommand("snapshot", "Saves the frame that the daemon classified, and its regions' tensors");
  command->add_option("PIPELINE", options->pipeline, "May be left out where there is only one");
  command->add_option("FRAME", options->frame, "A frame's number; without it the newest");
  command->add_option("--output", options->output,
                      "The folder for frame.png, snapshot.json and of each region a .npy and a .png; "
                      "default PIPELINE-FRAME");
  command->add_option("--socket", options->socket, ControlSocketHelp());
  command->add_flag("--json", options->json,
                    "Print the result as one JSON object, files as base64, and write no files "
                    "without --output");
  command->callback([options, &context] { context.action = [options] { return RunSnapshot(*options); }; });
}

}  // namespace glimpse::cli
