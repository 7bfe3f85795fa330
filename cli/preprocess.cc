// SPDX-License-Identifier: Apache-2.0
// glimpse preprocess: what a model gets to see of a picture.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/strings.h"
#include "classifier/picture_input.h"
#include "cli/command.h"
#include "cli/npy.h"
#include "cli/picture_input.h"
#include "media/picture.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PreprocessOptions {
  std::vector<std::string> images;
  PictureOptions picture;
  std::string output;
  std::string steps;  // a folder
  bool json = false;
};

DType StoredType(media::InputType type) {
  if (type == media::InputType::kFloat32) return DType::kFloat32;
  return type == media::InputType::kInt8 ? DType::kInt8 : DType::kUint8;
}

Result<void> WritePng(const std::string& path, const std::vector<media::NamedPicture>& pictures) {
  if (pictures.empty()) return Unexpected(ErrorCode::kInternal, StrCat(path, ": no picture was made"));
  GLIMPSE_ASSIGN_OR_RETURN(const std::vector<std::byte> png, media::EncodePng(pictures.back().picture));
  return WriteFile(path, png);
}

// Every step's outcome as DIR/NAME-NUMBER-STEP.png, NAME being the picture's own without its folder and ending.
Result<void> WriteSteps(const std::string& folder, const std::string& image,
                        const std::vector<media::NamedPicture>& pictures) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Unexpected(ErrorCode::kIo, StrCat(folder, ": ", error.message()));
  const std::string stem = std::filesystem::path(image).stem().string();
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::string name = StrCat(stem, "-", i < 10 ? "0" : "", i, "-", pictures[i].name, ".png");
    GLIMPSE_ASSIGN_OR_RETURN(const std::vector<std::byte> png, media::EncodePng(pictures[i].picture));
    GLIMPSE_RETURN_IF_ERROR(WriteFile((std::filesystem::path(folder) / name).string(), png));
  }
  return {};
}

// Pictures of one name in two folders would overwrite each other's steps.
Result<void> CheckNames(const std::vector<std::string>& images) {
  std::map<std::string, std::string> stems;
  for (const std::string& image : images) {
    const auto [before, is_new] = stems.emplace(std::filesystem::path(image).stem().string(), image);
    if (is_new) continue;
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("--steps: the pictures ", before->second, " and ", image,
                                                          " would be written under one name; take them one by one"));
  }
  return {};
}

void Print(const PreprocessOptions& options, const std::string& image, const media::PreprocessReport& report) {
  if (options.json) {
    const Json line{{"image", image},
                    {"inverted", report.inverted},
                    {"blank", report.blank},
                    {"contrast", report.contrast},
                    {"noise", report.noise},
                    {"centred", report.centred},
                    {"ink", {report.ink_x, report.ink_y, report.ink_width, report.ink_height}}};
    std::cout << line.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
    return;
  }
  std::cout << image << ": "
            << (report.blank ? "blank" : StrCat("contrast ", report.contrast, ", noise ", report.noise))
            << (report.inverted ? ", inverted" : "");
  if (report.centred) {
    std::cout << ", ink at " << report.ink_x << "," << report.ink_y << " of " << report.ink_width << "x"
              << report.ink_height;
  }
  std::cout << '\n';
}

Outcome Preprocess(const PreprocessOptions& options) {
  const bool png = options.output.ends_with(".png");
  if (!options.output.empty() && !png && !options.output.ends_with(".npy")) {
    return UsageError(StrCat("preprocess: --output ", options.output, ": give a name that ends with .npy or .png"));
  }
  if (png && options.images.size() > 1)
    return UsageError("preprocess: --output: a .png holds one picture; use .npy for several");
  if (options.picture.config.empty() && options.picture.model.empty()) {
    return UsageError("preprocess: give --config FILE or --model FILE; see 'glimpse help preprocess'");
  }
  if (!options.steps.empty()) {
    if (const auto names = CheckNames(options.images); !names)
      return UsageError(StrCat("preprocess: ", names.error().message));
  }
  GLIMPSE_ASSIGN_OR_RETURN(const PicturePipeline found, FindPipeline(options.picture));
  GLIMPSE_ASSIGN_OR_RETURN(const auto model, Model::Load(found.pipeline.model));
  GLIMPSE_ASSIGN_OR_RETURN(const media::InputSpec spec, classifier::PictureInputOf(*model));
  GLIMPSE_ASSIGN_OR_RETURN(media::Preprocessor preprocessor,
                           media::Preprocessor::Create(found.pipeline.preprocess, found.region, spec));
  std::vector<std::byte> all(spec.Bytes() * options.images.size());
  std::vector<media::NamedPicture> pictures;
  for (size_t i = 0; i < options.images.size(); ++i) {
    GLIMPSE_ASSIGN_OR_RETURN(const media::Frame frame, media::ReadPicture(options.images[i]));
    const std::span<std::byte> out(all.data() + i * spec.Bytes(), spec.Bytes());
    const bool look = png || !options.steps.empty();
    GLIMPSE_ASSIGN_OR_RETURN(const media::PreprocessReport report,
                             preprocessor.Run(frame, out, look ? &pictures : nullptr));
    if (!options.steps.empty()) GLIMPSE_RETURN_IF_ERROR(WriteSteps(options.steps, options.images[i], pictures));
    Print(options, options.images[i], report);
  }
  if (options.output.empty()) return ExitStatus::kOk;
  if (png) {
    GLIMPSE_RETURN_IF_ERROR(WritePng(options.output, pictures));
    return ExitStatus::kOk;
  }
  const TensorInfo& input = model->main().tensors[static_cast<size_t>(model->main().inputs[0])];
  std::vector<int64_t> shape(input.shape.begin(), input.shape.end());
  shape[0] = static_cast<int64_t>(options.images.size());
  GLIMPSE_RETURN_IF_ERROR(WriteNpy(options.output, StoredType(spec.type), shape, all));
  return ExitStatus::kOk;
}

}  // namespace

void RegisterPreprocess(CLI::App& app, Context& context) {
  auto options = std::make_shared<PreprocessOptions>();
  CLI::App* command = app.add_subcommand("preprocess", "Turns pictures into a model's input, as the daemon does");
  command->add_option("IMAGE", options->images, "PNG, JPEG, PGM or PPM files")->required()->type_name("FILE");
  AddPictureOptions(*command, options->picture);
  command
      ->add_option("--output", options->output,
                   "x.npy: the input tensors, N in place of the batch; x.png: the picture before quantisation")
      ->type_name("FILE");
  command->add_option("--steps", options->steps, "Folder to write the picture after each step into, as PNG")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "Print one JSON object for each picture");
  command->callback([options, &context] { context.action = [options] { return Preprocess(*options); }; });
}

}  // namespace glimpse::cli
