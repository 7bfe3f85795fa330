// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/controls.h"

#include <libcamera/control_ids.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace glimpse::media {
namespace {

namespace lc = libcamera::controls;

enum class Kind { kBool, kMicroseconds, kNumber, kExposureMode, kAwbMode };

struct Known {
  std::string_view name;
  const libcamera::ControlId* id;
  Kind kind;
};

// A function, not a constant: libcamera's ids are objects of its library, made when that is loaded.
const std::array<Known, 10>& KnownControls() {
  static const std::array<Known, 10> known = {{
      {"ae", &lc::AeEnable, Kind::kBool},
      {"exposure", &lc::AeExposureMode, Kind::kExposureMode},
      {"shutter", &lc::ExposureTime, Kind::kMicroseconds},
      {"gain", &lc::AnalogueGain, Kind::kNumber},
      {"ev", &lc::ExposureValue, Kind::kNumber},
      {"brightness", &lc::Brightness, Kind::kNumber},
      {"contrast", &lc::Contrast, Kind::kNumber},
      {"saturation", &lc::Saturation, Kind::kNumber},
      {"sharpness", &lc::Sharpness, Kind::kNumber},
      {"awb", &lc::AwbMode, Kind::kAwbMode},
  }};
  return known;
}

std::optional<bool> ReadBool(const std::string& text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

template <typename T>
std::optional<T> ReadNumber(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int32_t> ReadExposureMode(const std::string& text) {
  if (text == "normal") return lc::ExposureNormal;
  if (text == "short") return lc::ExposureShort;
  if (text == "long") return lc::ExposureLong;
  return std::nullopt;
}

std::optional<int32_t> ReadAwbMode(const std::string& text) {
  if (text == "auto") return lc::AwbAuto;
  if (text == "incandescent") return lc::AwbIncandescent;
  if (text == "tungsten") return lc::AwbTungsten;
  if (text == "fluorescent") return lc::AwbFluorescent;
  if (text == "indoor") return lc::AwbIndoor;
  if (text == "daylight") return lc::AwbDaylight;
  if (text == "cloudy") return lc::AwbCloudy;
  return std::nullopt;
}

struct Value {
  libcamera::ControlValue value;
  double number = 0;  // to compare with the camera's range
};

std::optional<Value> Read(Kind kind, const std::string& text) {
  std::optional<int32_t> integer;
  switch (kind) {
    case Kind::kBool: {
      const auto flag = ReadBool(text);
      if (!flag) return std::nullopt;
      return Value{libcamera::ControlValue(*flag), *flag ? 1.0 : 0.0};
    }
    case Kind::kNumber: {
      const auto number = ReadNumber<double>(text);
      if (!number || !std::isfinite(*number)) return std::nullopt;
      return Value{libcamera::ControlValue(static_cast<float>(*number)), *number};
    }
    case Kind::kMicroseconds:
      integer = ReadNumber<int32_t>(text);
      break;
    case Kind::kExposureMode:
      integer = ReadExposureMode(text);
      break;
    case Kind::kAwbMode:
      integer = ReadAwbMode(text);
      break;
  }
  if (!integer) return std::nullopt;
  return Value{libcamera::ControlValue(*integer), static_cast<double>(*integer)};
}

// A bound of a range as a number; nothing for types that have no order we know.
std::optional<double> AsNumber(const libcamera::ControlValue& value) {
  if (value.isArray()) return std::nullopt;
  switch (value.type()) {
    case libcamera::ControlTypeInteger32:
      return value.get<int32_t>();
    case libcamera::ControlTypeInteger64:
      return static_cast<double>(value.get<int64_t>());
    case libcamera::ControlTypeFloat:
      return static_cast<double>(value.get<float>());
    default:
      return std::nullopt;
  }
}

Result<void> SetOne(const Known& known, const std::string& text, const libcamera::ControlInfoMap& offered,
                    CameraControls& controls) {
  auto read = Read(known.kind, text);
  if (!read) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("controls: '", Printable(text), "' is no value for '", known.name, "'"));
  }
  const auto info = offered.find(known.id->id());
  if (info == offered.end()) {
    controls.ignored.emplace_back(known.name);
    return {};
  }
  const auto low = AsNumber(info->second.min());
  const auto high = AsNumber(info->second.max());
  // Some cameras state 0 to 0 for a range they do not know.
  if (low && high && *low < *high && (read->number < *low || read->number > *high)) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat("controls: '", known.name, "' is ", Printable(text),
                                                        ", this camera takes ", *low, " to ", *high));
  }
  controls.list.set(known.id->id(), read->value);
  return {};
}

Result<void> SetNamed(const std::string& name, const std::string& text, const libcamera::ControlInfoMap& offered,
                      CameraControls& controls) {
  if (name == "hflip" || name == "vflip") {
    const auto flag = ReadBool(text);
    if (!flag) {
      return Unexpected(ErrorCode::kInvalidConfig,
                        StrCat("controls: '", name, "' is true or false, not '", Printable(text), "'"));
    }
    (name == "hflip" ? controls.hflip : controls.vflip) = *flag;
    return {};
  }
  std::vector<std::string> names = {"hflip", "vflip"};
  for (const Known& known : KnownControls()) {
    if (known.name == name) return SetOne(known, text, offered, controls);
    names.emplace_back(known.name);
  }
  const std::string nearest = NearestWord(name, names);
  return Unexpected(ErrorCode::kInvalidConfig,
                    StrCat("controls: no control '", Printable(name), "'; ",
                           nearest.empty() ? "known are " + StrJoin(names, ", ") : "did you mean '" + nearest + "'?"));
}

}  // namespace

Result<CameraControls> MakeControls(const std::map<std::string, std::string>& wanted, double fps,
                                    const libcamera::ControlInfoMap& offered) {
  CameraControls controls;
  controls.list = libcamera::ControlList(libcamera::controls::controls);
  for (const auto& [name, text] : wanted) GLIMPSE_RETURN_IF_ERROR(SetNamed(name, text, offered, controls));
  if (offered.find(lc::FrameDurationLimits.id()) != offered.end()) {
    const auto period_us = static_cast<int64_t>(std::llround(1e6 / fps));
    const std::array<int64_t, 2> limits = {period_us, period_us};
    controls.list.set(lc::FrameDurationLimits.id(),
                      libcamera::ControlValue(libcamera::Span<const int64_t>(limits.data(), limits.size())));
  }
  return controls;
}

}  // namespace glimpse::media
