// SPDX-License-Identifier: Apache-2.0
// The list `preprocess` of a pipeline.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/strings.h"
#include "config/schema.h"

namespace glimpse::config {
namespace {

constexpr double kLargest = 1e6;
constexpr int kMaxSide = 65535;

Result<PreprocessStep> ReadInvert(const Node& node) {
  GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "invert", {"yes", "no", "auto", "true", "false"}));
  constexpr InvertStep::Mode kModes[] = {InvertStep::Mode::kYes, InvertStep::Mode::kNo, InvertStep::Mode::kAuto,
                                         InvertStep::Mode::kYes, InvertStep::Mode::kNo};
  return PreprocessStep(InvertStep{kModes[index]});
}

Result<PreprocessStep> ReadNormalise(const Node& node) {
  NormaliseStep step;
  double mean = 0;
  double std = 1;
  bool has_mean = false;
  bool has_std = false;
  GLIMPSE_RETURN_IF_ERROR(ReadMap(node, "normalise", NormaliseFields(&step, &mean, &std, &has_mean, &has_std)));
  if (has_mean != has_std) return ConfigError(node.place, "'normalise' needs 'mean' and 'std' together");
  if (has_mean == step.range.has_value()) {
    return ConfigError(node.place, "'normalise' needs either {range: [MIN, MAX]} or {mean: M, std: S}");
  }
  if (has_mean) step.mean_std = {mean, std};
  return PreprocessStep(step);
}

Result<PreprocessStep> ReadCrop(const Node& node) {
  if (node.kind != Node::Kind::kSequence || node.items.size() != 4) {
    return ConfigError(node.place, "'crop' must be [X, Y, WIDTH, HEIGHT] in pixels");
  }
  int32_t values[4];
  for (size_t i = 0; i < 4; ++i) {
    GLIMPSE_ASSIGN_OR_RETURN(const int64_t value, ReadInteger(node.items[i], "crop", i < 2 ? 0 : 1, kMaxSide));
    values[i] = static_cast<int32_t>(value);
  }
  return PreprocessStep(CropStep{values[0], values[1], values[2], values[3]});
}

Result<std::pair<double, double>> ReadPoint(const Node& node) {
  if (node.kind != Node::Kind::kSequence || node.items.size() != 2) {
    return ConfigError(node.place, "a point of 'perspective' must be [X, Y] in pixels");
  }
  GLIMPSE_ASSIGN_OR_RETURN(const double x, ReadNumber(node.items[0], "perspective", 0, kMaxSide));
  GLIMPSE_ASSIGN_OR_RETURN(const double y, ReadNumber(node.items[1], "perspective", 0, kMaxSide));
  return std::pair{x, y};
}

Result<void> ReadPoints(const Node& node, PerspectiveStep* step) {
  if (node.kind != Node::Kind::kSequence || node.items.size() != step->points.size()) {
    return ConfigError(node.place,
                       "'perspective' must be four points, [[X, Y], [X, Y], [X, Y], [X, Y]]: upper left, upper right, "
                       "lower right, lower left");
  }
  for (size_t i = 0; i < step->points.size(); ++i) {
    GLIMPSE_ASSIGN_OR_RETURN(step->points[i], ReadPoint(node.items[i]));
  }
  return {};
}

Result<PreprocessStep> ReadPerspective(const Node& node) {
  PerspectiveStep step;
  if (node.kind != Node::Kind::kMap) {
    GLIMPSE_RETURN_IF_ERROR(ReadPoints(node, &step));
    return PreprocessStep(step);
  }
  bool has_points = false;
  GLIMPSE_RETURN_IF_ERROR(ReadMap(node, "perspective", PerspectiveFields(&step, &has_points)));
  if (!has_points) return ConfigError(node.place, "'perspective' needs 'points'");
  return PreprocessStep(step);
}

Result<PreprocessStep> ReadResize(const Node& node) {
  ResizeStep step;
  if (node.kind == Node::Kind::kMap) {
    GLIMPSE_RETURN_IF_ERROR(ReadMap(node, "resize", ResizeFields(&step)));
    return PreprocessStep(step);
  }
  GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "resize", {"area", "bilinear", "letterbox", "stretch"}));
  if (index == 1) step.filter = ResizeStep::Filter::kBilinear;
  if (index == 2) step.fit = ResizeStep::Fit::kLetterbox;
  return PreprocessStep(step);
}

Result<PreprocessStep> ReadThreshold(const Node& node) {
  if (node.kind == Node::Kind::kScalar && node.scalar == "auto") return PreprocessStep(ThresholdStep{});
  GLIMPSE_ASSIGN_OR_RETURN(const int64_t level, ReadInteger(node, "threshold", 0, 255));
  return PreprocessStep(ThresholdStep{static_cast<int32_t>(level)});
}

// A step that may stand alone, one that may have a setting, or both.
struct StepReader {
  std::optional<PreprocessStep> alone;
  std::function<Result<PreprocessStep>(const Node&)> with_setting;
  const char* example;  // of the setting
};

// In the order of PreprocessStep.
const std::array<StepReader, kPreprocessStepNames.size()>& StepReaders() {
  static const std::array<StepReader, kPreprocessStepNames.size()> readers = {{
      {std::nullopt, ReadCrop, "{crop: [10, 10, 100, 80]}"},
      {std::nullopt,
       [](const Node& node) -> Result<PreprocessStep> {
         GLIMPSE_ASSIGN_OR_RETURN(const double degrees, ReadNumber(node, "rotate", -360, 360));
         return PreprocessStep(RotateStep{degrees});
       },
       "{rotate: 90}"},
      {std::nullopt, ReadPerspective, "{perspective: [[10, 5], [90, 8], [95, 60], [5, 62]]}"},
      {GreyStep{}, nullptr, ""},
      {std::nullopt,
       [](const Node& node) -> Result<PreprocessStep> {
         GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "colour", {"rgb", "bgr"}));
         return PreprocessStep(ColourStep{static_cast<ColourStep::Order>(index)});
       },
       "{colour: rgb}"},
      {ResizeStep{}, ReadResize, ""},
      {AutoContrastStep{},
       [](const Node& node) -> Result<PreprocessStep> {
         GLIMPSE_ASSIGN_OR_RETURN(const double cutoff, ReadNumber(node, "auto-contrast", 0, 49));
         return PreprocessStep(AutoContrastStep{cutoff});
       },
       ""},
      {ThresholdStep{}, ReadThreshold, ""},
      {InvertStep{}, ReadInvert, ""},
      {CentreStep{}, nullptr, ""},
      {std::nullopt, ReadNormalise, "{normalise: {range: [-1, 1]}}"},
      {QuantiseStep{}, nullptr, ""},
  }};
  return readers;
}

Result<PreprocessStep> ReadStep(const std::string& name, const Place& place, const Node* setting) {
  const auto found = std::find(kPreprocessStepNames.begin(), kPreprocessStepNames.end(), name);
  if (found == kPreprocessStepNames.end()) {
    const std::vector<std::string> names(kPreprocessStepNames.begin(), kPreprocessStepNames.end());
    return ConfigError(place,
                       StrCat("unknown step '", Printable(name, 60), "' in preprocess", Suggestion(name, names)));
  }
  const StepReader& reader = StepReaders()[static_cast<size_t>(found - kPreprocessStepNames.begin())];
  if (setting == nullptr) {
    if (reader.alone) return *reader.alone;
    return ConfigError(place, StrCat("'", name, "' needs a setting, such as ", reader.example));
  }
  if (reader.with_setting) return reader.with_setting(*setting);
  return ConfigError(setting->place, StrCat("'", name, "' has no setting; write it alone"));
}

}  // namespace

std::vector<Field> ResizeFields(ResizeStep* step) {
  return {{"filter",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "filter", {"area", "bilinear"}));
             step->filter = static_cast<ResizeStep::Filter>(index);
             return {};
           }},
          {"fit",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "fit", {"stretch", "letterbox"}));
             step->fit = static_cast<ResizeStep::Fit>(index);
             return {};
           }},
          {"fill", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const int64_t fill, ReadInteger(node, "fill", 0, 255));
             step->fill = static_cast<uint8_t>(fill);
             return {};
           }}};
}

std::vector<Field> PerspectiveFields(PerspectiveStep* step, bool* has_points) {
  return {{"points",
           [=](const Node& node) -> Result<void> {
             *has_points = true;
             return ReadPoints(node, step);
           }},
          {"size", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const std::vector<Node>* items, ReadList(node, "size"));
             if (items->size() != 2) return ConfigError(node.place, "'size' must be [WIDTH, HEIGHT] in pixels");
             GLIMPSE_ASSIGN_OR_RETURN(const int64_t width, ReadInteger((*items)[0], "size", 1, 4096));
             GLIMPSE_ASSIGN_OR_RETURN(const int64_t height, ReadInteger((*items)[1], "size", 1, 4096));
             step->size = {static_cast<int32_t>(width), static_cast<int32_t>(height)};
             return {};
           }}};
}

std::vector<Field> NormaliseFields(NormaliseStep* step, double* mean, double* std, bool* has_mean, bool* has_std) {
  return {{"range",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const std::vector<Node>* items, ReadList(node, "range"));
             if (items->size() != 2) return ConfigError(node.place, "'range' must be two numbers, [MIN, MAX]");
             GLIMPSE_ASSIGN_OR_RETURN(const double min, ReadNumber((*items)[0], "range", -kLargest, kLargest));
             GLIMPSE_ASSIGN_OR_RETURN(const double max, ReadNumber((*items)[1], "range", -kLargest, kLargest));
             if (min >= max) return ConfigError(node.place, "'range' must be [MIN, MAX] with MIN below MAX");
             step->range = {min, max};
             return {};
           }},
          {"mean",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(*mean, ReadNumber(node, "mean", -kLargest, kLargest));
             *has_mean = true;
             return {};
           }},
          {"std", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(*std, ReadNumber(node, "std", 1e-6, kLargest));
             *has_std = true;
             return {};
           }}};
}

Result<std::vector<PreprocessStep>> ReadPreprocess(const Node& node, const std::string& key) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::vector<Node>* items, ReadList(node, key));
  std::vector<PreprocessStep> steps;
  for (const Node& item : *items) {
    const bool alone = item.kind == Node::Kind::kScalar;
    if (!alone && (item.kind != Node::Kind::kMap || item.entries.size() != 1)) {
      return ConfigError(item.place,
                         "a step of 'preprocess' must be a name, or one name with its setting such as "
                         "{invert: auto}");
    }
    GLIMPSE_ASSIGN_OR_RETURN(PreprocessStep step,
                             alone ? ReadStep(item.scalar, item.place, nullptr)
                                   : ReadStep(item.entries[0].key, item.entries[0].place, &item.entries[0].value));
    for (const PreprocessStep& before : steps) {
      if (before.index() == step.index()) return ConfigError(item.place, "this step is already in 'preprocess'");
      if (std::holds_alternative<QuantiseStep>(before)) {
        return ConfigError(item.place, "nothing can come after 'quantise'; put it last, or leave it out");
      }
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace glimpse::config
