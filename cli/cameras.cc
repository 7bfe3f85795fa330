// SPDX-License-Identifier: Apache-2.0
// glimpse cameras: what cameras there are, by which source, with which formats, or why one cannot be used.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/command.h"
#include "media/module_loader.h"
#include "media/v4l2/v4l2_source.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CamerasOptions {
  std::string source;  // "" for all
  bool json = false;
};

Json CameraJson(const media::ListedCamera& camera) {
  return {{"source", camera.source}, {"id", camera.id},           {"name", camera.name},      {"driver", camera.driver},
          {"bus", camera.bus},       {"formats", camera.formats}, {"problem", camera.problem}};
}

void Print(const media::ListedCamera& camera) {
  std::cout << camera.source << " " << camera.id;
  if (!camera.name.empty()) std::cout << ": " << camera.name;
  if (!camera.driver.empty()) std::cout << " (" << camera.driver << ", " << camera.bus << ")";
  std::cout << "\n";
  for (const std::string& format : camera.formats) std::cout << "  " << format << "\n";
  if (!camera.problem.empty()) std::cout << "  cannot be used: " << camera.problem << "\n";
}

Outcome Cameras(const CamerasOptions& options) {
  std::vector<media::ListedCamera> cameras;
  std::string note;  // why libcamera could not be asked
  if (options.source != "v4l2") {
    auto listed = media::ListLibcamera();
    if (!listed && options.source == "libcamera") return listed.error();
    if (listed) {
      cameras = std::move(*listed);
    } else {
      note = listed.error().message;
    }
  }
  if (options.source != "libcamera") {
    auto listed = media::ListV4l2(media::KernelV4l2Devices());
    std::move(listed.begin(), listed.end(), std::back_inserter(cameras));
  }
  if (options.json) {
    Json report{{"cameras", Json::array()}, {"libcamera", note.empty() ? Json("asked") : Json(note)}};
    for (const media::ListedCamera& camera : cameras) report["cameras"].push_back(CameraJson(camera));
    std::cout << report.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
    return ExitStatus::kOk;
  }
  for (const media::ListedCamera& camera : cameras) Print(camera);
  if (cameras.empty()) std::cout << "no camera found; 'glimpse doctor' looks for the reason\n";
  if (!note.empty()) Warn(StrCat("libcamera was not asked: ", note));
  return ExitStatus::kOk;
}

}  // namespace

void RegisterCameras(CLI::App& app, Context& context) {
  auto options = std::make_shared<CamerasOptions>();
  CLI::App* command = app.add_subcommand("cameras", "Lists cameras with their formats, or why one cannot be used");
  command->add_option("--source", options->source, "Only those of this source: libcamera or v4l2")
      ->type_name("SOURCE")
      ->check(CLI::IsMember({"libcamera", "v4l2"}));
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &context] { context.action = [options] { return Cameras(*options); }; });
}

}  // namespace glimpse::cli
