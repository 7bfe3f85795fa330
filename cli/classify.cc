// SPDX-License-Identifier: Apache-2.0
// glimpse classify: pictures in, labels out, without a daemon.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/strings.h"
#include "classifier/labels.h"
#include "classifier/picture_input.h"
#include "cli/command.h"
#include "cli/layer_text.h"
#include "cli/linear_layer.h"
#include "cli/picture_input.h"
#include "cli/session.h"
#include "media/picture.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ClassifyOptions {
  std::vector<std::string> images;
  PictureOptions picture;
  EngineOptions engine;
  std::string labels;
  size_t top = 1;
  bool json = false;
};

// The real numbers of a model's scores. Errors: kUnsupported for a type that holds no scores.
Result<std::vector<double>> Scores(const TensorView& output) {
  const TensorInfo& info = *output.info;
  std::vector<double> scores;
  if (info.type == DType::kFloat32) {
    for (const float value : Elements<float>(output.data)) scores.push_back(value);
    return scores;
  }
  if ((info.type != DType::kInt8 && info.type != DType::kUint8) || info.quantization.scales.size() != 1) {
    return Unexpected(ErrorCode::kUnsupported, StrCat("output tensor ", info.index, " is ", DTypeName(info.type), " ",
                                                      "(", QuantizationText(info.quantization), ")",
                                                      "; scores are int8 or "
                                                      "uint8 with one scale, or float32"));
  }
  const double scale = info.quantization.scales[0];
  const auto zero_point = static_cast<double>(info.quantization.zero_points[0]);
  for (const std::byte byte : output.data) {
    const int stored = info.type == DType::kInt8 ? static_cast<int8_t>(byte) : std::to_integer<int>(byte);
    scores.push_back(scale * (stored - zero_point));
  }
  return scores;
}

// Indices of the `count` largest, the largest first; among equals the lower index.
std::vector<size_t> Best(const std::vector<double>& scores, size_t count) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&scores](size_t a, size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(count, order.size()));
  return order;
}

// Those that are named; else those packed in the model; else those beside it.
Result<std::vector<std::string>> LabelsFor(const ClassifyOptions& options, const PicturePipeline& found,
                                           const Model& model, size_t classes) {
  const std::string& named = options.labels.empty() ? found.pipeline.labels : options.labels;
  GLIMPSE_ASSIGN_OR_RETURN(classifier::Labels labels, classifier::FindLabels(named, model, classes));
  if (labels.source == classifier::LabelSource::kNumbers && !found.labels_beside.empty()) {
    GLIMPSE_ASSIGN_OR_RETURN(labels, classifier::FindLabels(found.labels_beside, model, classes));
  }
  return std::move(labels.names);
}

void Print(const ClassifyOptions& options, const std::string& image, const std::vector<double>& scores,
           const std::vector<std::string>& labels, const media::PreprocessReport& seen) {
  const std::vector<size_t> best = Best(scores, options.top);
  if (options.json) {
    Json top = Json::array();
    for (const size_t i : best) top.push_back({{"label", labels[i]}, {"index", i}, {"score", scores[i]}});
    const Json line{{"image", image},           {"label", labels[best[0]]}, {"index", best[0]},
                    {"score", scores[best[0]]}, {"blank", seen.blank},      {"scores", scores},
                    {"top", std::move(top)}};
    std::cout << line.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
    return;
  }
  std::cout << image << ":";
  for (size_t n = 0; n < best.size(); ++n) {
    char score[32];
    std::snprintf(score, sizeof(score), "%.3f", scores[best[n]]);
    std::cout << (n == 0 ? " " : ", ") << Printable(labels[best[n]], 60) << " " << score;
  }
  std::cout << (seen.blank ? " (the picture is blank)\n" : "\n");
}

Outcome Classify(ClassifyOptions options) {
  GLIMPSE_ASSIGN_OR_RETURN(PicturePipeline found, FindPipeline(options.picture));
  if (options.engine.plugin_path.empty()) options.engine.plugin_path = found.plugin_path;
  auto session = OpenSession(found.pipeline.model, options.engine, false);
  if (!session) return OpenFailure(session.error());
  Interpreter& interpreter = *session->interpreter;
  GLIMPSE_ASSIGN_OR_RETURN(const media::InputSpec spec, classifier::PictureInputOf(*session->model));
  GLIMPSE_ASSIGN_OR_RETURN(media::Preprocessor preprocessor,
                           media::Preprocessor::Create(found.pipeline.preprocess, found.region, spec));
  if (interpreter.outputs().empty() || interpreter.outputs()[0].data.empty()) {
    return Error{ErrorCode::kUnsupported, StrCat(found.pipeline.model, ": has no output to read scores from")};
  }
  std::string first_problem;
  size_t problems = 0;
  std::vector<std::string> labels;
  for (const std::string& image : options.images) {
    const auto frame = media::ReadPicture(image);
    if (!frame) {  // the others are still worth reading
      if (problems++ == 0) first_problem = frame.error().message;
      continue;
    }
    GLIMPSE_ASSIGN_OR_RETURN(const auto seen, preprocessor.Run(*frame, interpreter.inputs()[0].data));
    GLIMPSE_RETURN_IF_ERROR(interpreter.Invoke());
    auto scores = Scores(interpreter.outputs()[0]);
    if (!scores) return Error{scores.error().code, StrCat(found.pipeline.model, ": ", scores.error().message)};
    if (labels.empty()) {
      GLIMPSE_ASSIGN_OR_RETURN(labels, LabelsFor(options, found, *session->model, scores->size()));
    }
    Print(options, image, *scores, labels, seen);
  }
  if (problems == 0) return ExitStatus::kOk;
  return {ExitStatus::kRuntimeFailure,
          StrCat(first_problem, problems > 1 ? StrCat(" (and ", problems - 1, " more pictures)") : "")};
}

}  // namespace

void RegisterClassify(CLI::App& app, Context& context) {
  auto options = std::make_shared<ClassifyOptions>();
  CLI::App* command = app.add_subcommand("classify", "Says what pictures show");
  command->add_option("IMAGE", options->images, "PNG, JPEG, PGM or PPM files")->required()->type_name("FILE");
  AddPictureOptions(*command, options->picture);
  command
      ->add_option("--labels", options->labels,
                   "Names of the classes, one a line (default: the pipeline's, in the model, or beside it)")
      ->type_name("FILE");
  command->add_option("--top", options->top, "How many classes to print, the best first (default: 1)")
      ->type_name("K")
      ->check(CLI::PositiveNumber);
  AddEngineOptions(*command, options->engine);
  command->add_flag("--json", options->json, "Print one JSON object for each picture");
  command->callback([options, &context] { context.action = [options] { return Classify(*options); }; });
}

}  // namespace glimpse::cli
