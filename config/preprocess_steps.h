// SPDX-License-Identifier: Apache-2.0
// The steps of preprocessing as plain data. What they do: media/preprocess.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace glimpse::config {

struct CropStep {  // pixels of the picture at that step
  int32_t x = 0, y = 0, width = 1, height = 1;
  bool operator==(const CropStep&) const = default;
};
struct RotateStep {
  double degrees = 0;  // counter-clockwise, [-360, 360]
  bool operator==(const RotateStep&) const = default;
};
struct PerspectiveStep {
  // Upper left, upper right, lower right, lower left; pixels from the upper left edge of the picture at that step.
  std::array<std::pair<double, double>, 4> points{};
  std::optional<std::pair<int32_t, int32_t>> size;  // of the outcome; nothing: the mean lengths of opposite sides
  bool operator==(const PerspectiveStep&) const = default;
};
struct GreyStep {
  bool operator==(const GreyStep&) const = default;
};
struct ColourStep {
  enum class Order { kRgb, kBgr } order = Order::kRgb;
  bool operator==(const ColourStep&) const = default;
};
struct ResizeStep {
  enum class Filter { kArea, kBilinear } filter = Filter::kArea;
  enum class Fit { kStretch, kLetterbox } fit = Fit::kStretch;
  uint8_t fill = 0;  // level of what a letterbox adds
  bool operator==(const ResizeStep&) const = default;
};
struct AutoContrastStep {
  double cutoff = 0;  // percent of the darkest and of the brightest pixels that do not count, [0, 49]
  bool operator==(const AutoContrastStep&) const = default;
};
struct ThresholdStep {
  std::optional<int32_t> level;  // 0 to 255; nothing: found in the picture
  bool operator==(const ThresholdStep&) const = default;
};
struct InvertStep {
  enum class Mode { kYes, kNo, kAuto } mode = Mode::kAuto;
  bool operator==(const InvertStep&) const = default;
};
struct CentreStep {  // as MNIST digits are: fitted into 20 of 28, centre of mass in the middle
  bool operator==(const CentreStep&) const = default;
};
struct NormaliseStep {  // real = min + (max - min) * pixel / 255, or (pixel - mean) / std
  std::optional<std::pair<double, double>> range;
  std::optional<std::pair<double, double>> mean_std;
  bool operator==(const NormaliseStep&) const = default;
};
struct QuantiseStep {  // the last one, whether it is named or not
  bool operator==(const QuantiseStep&) const = default;
};

using PreprocessStep =
    std::variant<CropStep, RotateStep, PerspectiveStep, GreyStep, ColourStep, ResizeStep, AutoContrastStep,
                 ThresholdStep, InvertStep, CentreStep, NormaliseStep, QuantiseStep>;

// As the configuration writes them, in the order of PreprocessStep.
inline constexpr std::array<std::string_view, std::variant_size_v<PreprocessStep>> kPreprocessStepNames = {
    "crop",          "rotate",    "perspective", "grey",   "colour",    "resize",
    "auto-contrast", "threshold", "invert",      "centre", "normalise", "quantise"};

inline std::string_view NameOf(const PreprocessStep& step) { return kPreprocessStepNames[step.index()]; }

}  // namespace glimpse::config
