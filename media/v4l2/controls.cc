// SPDX-License-Identifier: Apache-2.0
#include "media/v4l2/controls.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/strings.h"
#include "media/control_text.h"

namespace glimpse::media {
namespace {

enum class Kind { kBool, kNumber, kMicroseconds, kAutoExposure };

struct Known {
  std::string_view name;
  uint32_t id;
  Kind kind;
};

// Automatic exposure and white balance first: a camera refuses values of its own while they are on.
constexpr std::array<Known, 8> kKnown = {{
    {"ae", V4L2_CID_EXPOSURE_AUTO, Kind::kAutoExposure},
    {"awb", V4L2_CID_AUTO_WHITE_BALANCE, Kind::kBool},
    {"shutter", V4L2_CID_EXPOSURE_ABSOLUTE, Kind::kMicroseconds},
    {"gain", V4L2_CID_GAIN, Kind::kNumber},
    {"brightness", V4L2_CID_BRIGHTNESS, Kind::kNumber},
    {"contrast", V4L2_CID_CONTRAST, Kind::kNumber},
    {"saturation", V4L2_CID_SATURATION, Kind::kNumber},
    {"sharpness", V4L2_CID_SHARPNESS, Kind::kNumber},
}};

// As the driver counts; exposure times in units of 100 microseconds.
std::optional<int32_t> Read(Kind kind, const std::string& text) {
  if (kind == Kind::kNumber) return ReadControlNumber<int32_t>(text);
  if (kind == Kind::kMicroseconds) {
    const auto microseconds = ReadControlNumber<int32_t>(text);
    if (!microseconds || *microseconds < 1) return std::nullopt;
    return std::max(1, (*microseconds - 1) / 100 + 1);
  }
  const auto flag = ReadControlFlag(text);
  if (!flag) return std::nullopt;
  if (kind == Kind::kBool) return *flag ? 1 : 0;
  return *flag ? V4L2_EXPOSURE_APERTURE_PRIORITY : V4L2_EXPOSURE_MANUAL;
}

int Set(V4l2Device& device, uint32_t id, int32_t value) {
  v4l2_control control{};
  control.id = id;
  control.value = value;
  return device.Control(VIDIOC_S_CTRL, &control);
}

Unexpected NoValue(std::string_view name, const std::string& text) {
  return Unexpected(ErrorCode::kInvalidConfig,
                    StrCat("controls: '", Printable(text), "' is no value for '", name, "'"));
}

Result<void> SetOne(V4l2Device& device, const Known& known, const std::string& text, V4l2Controls& controls) {
  const auto value = Read(known.kind, text);
  if (!value) return NoValue(known.name, text);
  v4l2_queryctrl facts{};
  facts.id = known.id;
  if (device.Control(VIDIOC_QUERYCTRL, &facts) != 0 || (facts.flags & V4L2_CTRL_FLAG_DISABLED) != 0) {
    controls.ignored.emplace_back(known.name);
    return {};
  }
  if (facts.minimum < facts.maximum && (*value < facts.minimum || *value > facts.maximum)) {
    const int32_t unit = known.kind == Kind::kMicroseconds ? 100 : 1;
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("controls: '", known.name, "' is ", Printable(text), ", this camera takes ",
                             int64_t{facts.minimum} * unit, " to ", int64_t{facts.maximum} * unit));
  }
  if (known.kind == Kind::kMicroseconds) static_cast<void>(Set(device, V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL));
  int error = Set(device, known.id, *value);
  // Cameras have one of two automatic exposures.
  if (error != 0 && known.kind == Kind::kAutoExposure && *value == V4L2_EXPOSURE_APERTURE_PRIORITY) {
    error = Set(device, known.id, V4L2_EXPOSURE_AUTO);
  }
  if (error == 0) return {};
  const bool refused = error == EINVAL || error == ERANGE || error == EACCES || error == EBUSY;
  return Unexpected(
      refused ? ErrorCode::kInvalidConfig : ErrorCode::kIo,
      StrCat("controls: the camera does not take '", known.name, "': ", Printable(text), ": ", std::strerror(error)));
}

}  // namespace

Result<V4l2Controls> SetControls(V4l2Device& device, const std::map<std::string, std::string>& wanted) {
  V4l2Controls controls;
  std::vector<std::string> names = {"hflip", "vflip"};
  for (const Known& known : kKnown) names.emplace_back(known.name);
  for (const auto& [name, text] : wanted) {
    if (std::find(names.begin(), names.end(), name) == names.end()) return NoSuchControl(name, names);
    if (name != "hflip" && name != "vflip") continue;
    const auto flag = ReadControlFlag(text);
    if (!flag) return NoValue(name, text);
    (name == "hflip" ? controls.hflip : controls.vflip) = *flag;
  }
  for (const Known& known : kKnown) {
    const auto found = wanted.find(std::string(known.name));
    if (found != wanted.end()) GLIMPSE_RETURN_IF_ERROR(SetOne(device, known, found->second, controls));
  }
  return controls;
}

}  // namespace glimpse::media
