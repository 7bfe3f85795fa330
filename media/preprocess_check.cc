// SPDX-License-Identifier: Apache-2.0
#include "media/preprocess_check.h"

#include <array>
#include <utility>
#include <variant>

#include "base/strings.h"

namespace glimpse::media::internal {
namespace {

constexpr int kMaxInputSide = 4096;

Result<void> CheckInput(const InputSpec& input) {
  if (input.normalisation.size() > 1 && input.normalisation.size() != static_cast<size_t>(input.channels)) {
    return Unexpected(ErrorCode::kUnsupported, StrCat("the model's input has ", input.channels, " channels and ",
                                                      input.normalisation.size(), " normalisations"));
  }
  const bool sides =
      input.width >= 1 && input.width <= kMaxInputSide && input.height >= 1 && input.height <= kMaxInputSide;
  if (sides && (input.channels == 1 || input.channels == 3)) return {};
  return Unexpected(ErrorCode::kUnsupported,
                    StrCat("the model's input is ", SizeText(input.width, input.height), " with ", input.channels,
                           " channels; a picture has 1 or 3 and sides of 1 to ", kMaxInputSide));
}

Result<void> CheckRegion(const std::optional<config::Region>& region) {
  if (!region || (region->width > 0 && region->height > 0 && region->x >= 0 && region->y >= 0)) return {};
  return Unexpected(ErrorCode::kInvalidConfig,
                    StrCat("region '", Printable(region->name), "': [", region->x, ", ", region->y, ", ", region->width,
                           ", ", region->height, "] is x, y, width, height; x and y are at least 0, the others 1"));
}

Unexpected Wrong(const std::string& why) { return Unexpected(ErrorCode::kInvalidConfig, StrCat("preprocess: ", why)); }

// The index of a step in the list of all; for telling which were seen.
template <typename Step>
constexpr size_t IndexOf() {
  return config::PreprocessStep(Step{}).index();
}

// Each step at most once, and those that want a grey picture only where it is grey by then.
Result<void> CheckSteps(const std::vector<config::PreprocessStep>& steps, int channels) {
  std::array<bool, config::kPreprocessStepNames.size()> seen{};
  bool letterbox = false;
  bool grey = channels == 1;
  for (const config::PreprocessStep& step : steps) {
    const auto name = config::NameOf(step);
    if (std::exchange(seen[step.index()], true)) return Wrong(StrCat("step '", name, "' is there twice; remove one"));
    if (seen[IndexOf<config::QuantiseStep>()] && !std::holds_alternative<config::QuantiseStep>(step)) {
      return Wrong(StrCat("step '", name, "' comes after 'quantise', which is the last"));
    }
    grey = grey || std::holds_alternative<config::GreyStep>(step);
    const bool wants_grey =
        std::holds_alternative<config::CentreStep>(step) || std::holds_alternative<config::ThresholdStep>(step);
    if (wants_grey && !grey) return Wrong(StrCat("step '", name, "' needs a grey picture; put 'grey' before it"));
    if (const auto* resize = std::get_if<config::ResizeStep>(&step)) {
      letterbox = resize->fit == config::ResizeStep::Fit::kLetterbox;
    }
  }
  if (letterbox && seen[IndexOf<config::CentreStep>()]) {
    return Wrong("'centre' and a letterbox each give the picture its place; use one of them");
  }
  if (seen[IndexOf<config::ColourStep>()] && (channels == 1 || seen[IndexOf<config::GreyStep>()])) {
    return Wrong("step 'colour' has no meaning for a grey picture; remove it");
  }
  return {};
}

}  // namespace

std::string SizeText(int width, int height) { return StrCat(width, "x", height); }

Result<void> CheckPreprocessing(const std::vector<config::PreprocessStep>& steps,
                                const std::optional<config::Region>& region, const InputSpec& input) {
  GLIMPSE_RETURN_IF_ERROR(CheckInput(input));
  GLIMPSE_RETURN_IF_ERROR(CheckRegion(region));
  return CheckSteps(steps, input.channels);
}

}  // namespace glimpse::media::internal
