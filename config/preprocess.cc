// SPDX-License-Identifier: Apache-2.0
// The list `preprocess` of a pipeline.
#include "base/strings.h"
#include "config/schema.h"

namespace glimpse::config {
namespace {

constexpr double kLargest = 1e6;

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

Result<PreprocessStep> ReadStep(const std::string& name, const Place& place, const Node* setting) {
  if (name == "grey" || name == "centre") {
    if (setting != nullptr) return ConfigError(setting->place, StrCat("'", name, "' has no setting; write it alone"));
    return name == "grey" ? PreprocessStep(GreyStep{}) : PreprocessStep(CentreStep{});
  }
  if (name == "resize") {
    if (setting != nullptr) GLIMPSE_RETURN_IF_ERROR(ReadWord(*setting, "resize", {"area"}));
    return PreprocessStep(ResizeStep{});
  }
  if (name == "invert") return setting == nullptr ? PreprocessStep(InvertStep{}) : ReadInvert(*setting);
  if (name == "normalise") {
    if (setting == nullptr)
      return ConfigError(place, "'normalise' needs a setting, such as {normalise: {range: [-1, 1]}}");
    return ReadNormalise(*setting);
  }
  return ConfigError(
      place, StrCat("unknown step '", Printable(name, 60), "' in preprocess", Suggestion(name, PreprocessStepNames())));
}

}  // namespace

std::vector<std::string> PreprocessStepNames() { return {"grey", "resize", "invert", "centre", "normalise"}; }

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
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace glimpse::config
