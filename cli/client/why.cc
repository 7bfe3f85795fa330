// SPDX-License-Identifier: Apache-2.0
// glimpse why: what an answer of the daemon rests on.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "base/strings.h"
#include "cli/client/connection.h"
#include "cli/client/evidence_files.h"
#include "cli/client/prediction_text.h"
#include "cli/command.h"
#include "cli/npy.h"
#include "cli/samples.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMaxDrawn = 64;  // columns and rows of a tensor that is drawn with letters

struct WhyOptions {
  std::string target;
  std::string frame;
  std::string output;
  std::string socket;
  bool json = false;
};

Json MemberOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() ? *found : Json();
}

std::string Fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", value);
  return text;
}

// The tensor with a letter, twice as high as wide, for each element; nothing when it is large or coloured.
void Draw(const Json& input) {
  const auto bytes = BytesOf(input, "npy");
  if (!bytes) return;
  const auto header = ParseNpyHeader(*bytes, "input");
  if (!header || (header->type != DType::kInt8 && header->type != DType::kUint8)) return;
  const auto& shape = header->shape;
  const bool grey = shape.size() == 3 || (shape.size() == 4 && shape[3] == 1);
  if (!grey || shape[1] > kMaxDrawn || shape[2] > kMaxDrawn) return;
  if (bytes->size() - header->data_offset != header->elements()) return;
  static constexpr std::string_view kShades = " .:-=+*#%@";
  const int darkest = header->type == DType::kInt8 ? -128 : 0;
  size_t at = header->data_offset;
  for (int64_t y = 0; y < shape[1]; ++y) {
    std::string line = "  |";
    for (int64_t x = 0; x < shape[2]; ++x, ++at) {
      const int value =
          header->type == DType::kInt8 ? static_cast<int8_t>((*bytes)[at]) : std::to_integer<int>((*bytes)[at]);
      line += std::string(2, kShades[static_cast<size_t>(value - darkest) * kShades.size() / 256]);
    }
    std::cout << line << "|\n";
  }
}

void PrintPreprocess(const Json& report) {
  std::cout << "  preprocessing: ";
  if (MemberOf(report, "blank") == true) {
    std::cout << "blank, nothing stands out of the background";
  } else {
    std::cout << "contrast " << NumberOf(report, "contrast") << ", noise " << NumberOf(report, "noise");
  }
  if (report.contains("edge_width")) std::cout << ", edges of " << Fixed(NumberOf(report, "edge_width")) << " pixels";
  if (MemberOf(report, "inverted") == true) std::cout << ", inverted";
  if (const Json ink = MemberOf(report, "ink"); ink.is_array() && ink.size() == 4) {
    std::cout << ", ink at " << ink[0] << "," << ink[1] << " of " << ink[2] << "x" << ink[3];
  }
  std::cout << "\n";
}

// How the camera took the frame, as far as it says.
void PrintSensor(const Json& sensor) {
  if (!sensor.is_object()) return;
  std::string text;
  const auto add = [&](const char* name, const std::string& before, const std::string& after) {
    if (sensor.contains(name)) text += StrCat(text.empty() ? "" : ", ", before, NumberOf(sensor, name), after);
  };
  add("exposure_us", "exposed for ", " us");
  add("analogue_gain", "gain ", "");
  add("digital_gain", "digital gain ", "");
  add("lux", "", " lux");
  if (!text.empty()) std::cout << "  camera: " << text << "\n";
}

void PrintWhy(const Json& why) {
  std::cout << PredictionText(MemberOf(why, "prediction")) << "\n";
  const Json decide = MemberOf(why, "decide");
  std::cout << "  this frame's best scores:";
  const Json ranking = MemberOf(why, "ranking");
  for (const Json& each : ranking)
    std::cout << " " << TextOf(each, "label") << " " << Fixed(NumberOf(each, "score")) << ";";
  std::cout << " margin " << Fixed(NumberOf(why, "margin")) << ", " << NumberOf(decide, "margin") << " is needed";
  if (NumberOf(decide, "vote") > 1) std::cout << ", and the majority of " << NumberOf(decide, "vote") << " frames";
  std::cout << "\n";
  PrintSensor(MemberOf(MemberOf(why, "prediction"), "sensor"));
  PrintPreprocess(MemberOf(why, "preprocess"));
  const Json input = MemberOf(why, "input");
  std::cout << "  the model got: " << TextOf(input, "type") << " " << MemberOf(input, "shape").dump();
  if (input.contains("scale")) {
    std::cout << ", real = " << NumberOf(input, "scale") << " * (q - " << NumberOf(input, "zero_point") << ")";
  }
  std::cout << "\n";
  Draw(input);
}

Result<void> SaveWhy(Json& why, const std::string& folder) {
  GLIMPSE_RETURN_IF_ERROR(MakeFolder(folder));
  GLIMPSE_RETURN_IF_ERROR(WriteMember(why["input"], "npy", folder + "/input.npy"));
  GLIMPSE_RETURN_IF_ERROR(WriteMember(why["input"], "png", folder + "/input.png"));
  GLIMPSE_RETURN_IF_ERROR(WriteMember(why["output"], "npy", folder + "/output.npy"));
  return WriteJson(why, folder + "/why.json");
}

Outcome RunWhy(const WhyOptions& options) {
  Json params = Json::object();
  const size_t slash = options.target.find('/');
  if (!options.target.empty()) params["pipeline"] = options.target.substr(0, slash);
  if (slash != std::string::npos) params["region"] = options.target.substr(slash + 1);
  if (const auto added = AddFrame(options.frame, &params); !added) {
    return UsageError(StrCat("why: ", added.error().message));
  }
  GLIMPSE_ASSIGN_OR_RETURN(auto connection, Connection::Open(ControlSocketPath(options.socket)));
  GLIMPSE_ASSIGN_OR_RETURN(Json why, connection.Call("why", std::move(params)));
  if (!why.is_object()) return {ExitStatus::kRuntimeFailure, "why: the daemon's answer is no object"};
  if (options.json) {
    std::cout << why.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    PrintWhy(why);
  }
  if (options.output.empty()) return ExitStatus::kOk;
  GLIMPSE_RETURN_IF_ERROR(SaveWhy(why, options.output));
  if (!options.json) {
    std::cout << "  written: " << options.output << "/input.npy, input.png, output.npy, why.json\n";
  }
  return ExitStatus::kOk;
}

}  // namespace

void RegisterWhy(CLI::App& app, Context& context) {
  auto options = std::make_shared<WhyOptions>();
  CLI::App* command =
      app.add_subcommand("why", "Shows what an answer of the daemon rests on: the very tensor, scores, steps");
  command->add_option("PIPELINE[/REGION]", options->target, "May be left out where there is only one");
  command->add_option("FRAME", options->frame, "A frame's number; without it the newest");
  command->add_option("--output", options->output,
                      "A folder for input.npy (exactly what the model got), input.png, output.npy and why.json");
  command->add_option("--socket", options->socket, ControlSocketHelp());
  command->add_flag("--json", options->json, "Print the result as one JSON object, files as base64");
  command->footer("Every layer: glimpse run MODEL --input DIR/input.npy --output OUT --dump");
  command->callback([options, &context] { context.action = [options] { return RunWhy(*options); }; });
}

}  // namespace glimpse::cli
