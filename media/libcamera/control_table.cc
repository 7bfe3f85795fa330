// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/control_table.h"

#include <libcamera/control_ids.h>

#include <array>
#include <cmath>
#include <vector>

#include "base/strings.h"
#include "media/control_text.h"

namespace glimpse::media {
namespace {

namespace lc = libcamera::controls;
using Kind = KnownControl::Kind;

constexpr std::array<ControlWord, 4> kExposure = {{{"normal", lc::ExposureNormal},
                                                   {"short", lc::ExposureShort},
                                                   {"sport", lc::ExposureShort},
                                                   {"long", lc::ExposureLong}}};
constexpr std::array<ControlWord, 4> kMetering = {{{"centre", lc::MeteringCentreWeighted},
                                                   {"spot", lc::MeteringSpot},
                                                   {"average", lc::MeteringMatrix},
                                                   {"custom", lc::MeteringCustom}}};
constexpr std::array<ControlWord, 8> kAwb = {{{"auto", lc::AwbAuto},
                                              {"incandescent", lc::AwbIncandescent},
                                              {"tungsten", lc::AwbTungsten},
                                              {"fluorescent", lc::AwbFluorescent},
                                              {"indoor", lc::AwbIndoor},
                                              {"daylight", lc::AwbDaylight},
                                              {"cloudy", lc::AwbCloudy},
                                              {"custom", lc::AwbCustom}}};
constexpr std::array<ControlWord, 3> kAutofocusMode = {
    {{"manual", lc::AfModeManual}, {"auto", lc::AfModeAuto}, {"continuous", lc::AfModeContinuous}}};
constexpr std::array<ControlWord, 3> kAutofocusRange = {
    {{"normal", lc::AfRangeNormal}, {"macro", lc::AfRangeMacro}, {"full", lc::AfRangeFull}}};
constexpr std::array<ControlWord, 2> kAutofocusSpeed = {{{"normal", lc::AfSpeedNormal}, {"fast", lc::AfSpeedFast}}};
constexpr std::array<ControlWord, 4> kDenoise = {{{"off", lc::draft::NoiseReductionModeOff},
                                                  {"cdn_off", lc::draft::NoiseReductionModeMinimal},
                                                  {"cdn_fast", lc::draft::NoiseReductionModeFast},
                                                  {"cdn_hq", lc::draft::NoiseReductionModeHighQuality}}};

std::optional<float> ReadFloat(std::string_view text) {
  const auto number = ReadControlNumber<double>(text);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return static_cast<float>(*number);
}

std::optional<ControlReading> Read(const KnownControl& control, const std::string& text) {
  switch (control.kind) {
    case Kind::kBool: {
      const auto flag = ReadControlFlag(text);
      if (flag) return ControlReading{libcamera::ControlValue(*flag), *flag ? 1.0 : 0.0};
      break;
    }
    case Kind::kInteger: {
      const auto integer = ReadControlNumber<int32_t>(text);
      if (integer) return ControlReading{libcamera::ControlValue(*integer), *integer};
      break;
    }
    case Kind::kNumber: {
      const auto number = ReadFloat(text);
      if (number) return ControlReading{libcamera::ControlValue(*number), static_cast<double>(*number)};
      break;
    }
    case Kind::kTwoNumbers: {
      const std::string_view all = text;
      const size_t comma = all.find(',');
      const auto first = ReadFloat(all.substr(0, comma));
      const auto second = comma == std::string_view::npos ? std::nullopt : ReadFloat(all.substr(comma + 1));
      if (!first || !second) break;
      const std::array<float, 2> both = {*first, *second};
      return ControlReading{libcamera::ControlValue(libcamera::Span<const float>(both.data(), both.size())), {}};
    }
    case Kind::kWord:
      for (const ControlWord& known : control.words) {
        if (known.word == text) return ControlReading{libcamera::ControlValue(known.value), known.value};
      }
      break;
  }
  return std::nullopt;
}

std::string Expected(const KnownControl& control) {
  switch (control.kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kInteger:
      return "a whole number";
    case Kind::kNumber:
      return "a number";
    case Kind::kTwoNumbers:
      return "two numbers with a comma between them, in quotes";
    case Kind::kWord:
      break;
  }
  std::vector<std::string> words;
  for (const ControlWord& known : control.words) words.emplace_back(known.word);
  return StrCat("one of ", StrJoin(words, ", "));
}

}  // namespace

// Made at the first use: libcamera's ids are objects of its library, made when that is loaded.
std::span<const KnownControl> KnownControls() {
  static const std::array<KnownControl, 17> known = {{
      {"ae", &lc::AeEnable, Kind::kBool},
      {"exposure", &lc::AeExposureMode, Kind::kWord, kExposure},
      {"metering", &lc::AeMeteringMode, Kind::kWord, kMetering},
      {"shutter", &lc::ExposureTime, Kind::kInteger},
      {"gain", &lc::AnalogueGain, Kind::kNumber},
      {"ev", &lc::ExposureValue, Kind::kNumber},
      {"brightness", &lc::Brightness, Kind::kNumber},
      {"contrast", &lc::Contrast, Kind::kNumber},
      {"saturation", &lc::Saturation, Kind::kNumber},
      {"sharpness", &lc::Sharpness, Kind::kNumber},
      {"awb", &lc::AwbMode, Kind::kWord, kAwb},
      {"awbgains", &lc::ColourGains, Kind::kTwoNumbers},
      {"denoise", &lc::draft::NoiseReductionMode, Kind::kWord, kDenoise},
      {"autofocus-mode", &lc::AfMode, Kind::kWord, kAutofocusMode},
      {"autofocus-range", &lc::AfRange, Kind::kWord, kAutofocusRange},
      {"autofocus-speed", &lc::AfSpeed, Kind::kWord, kAutofocusSpeed},
      {"lens-position", &lc::LensPosition, Kind::kNumber},
  }};
  return known;
}

Result<ControlReading> ReadControl(const KnownControl& control, const std::string& text) {
  if (auto reading = Read(control, text)) return std::move(*reading);
  return Unexpected(ErrorCode::kInvalidConfig, StrCat("controls: '", Printable(text), "' is no value for '",
                                                      control.name, "', which is ", Expected(control)));
}

}  // namespace glimpse::media
