// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/controls.h"

#include <libcamera/control_ids.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/strings.h"
#include "media/control_text.h"
#include "media/libcamera/control_table.h"

namespace glimpse::media {
namespace {

namespace lc = libcamera::controls;

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

// Whether a camera that lists its values has this one. Some list none.
bool Listed(const libcamera::ControlValue& value, const libcamera::ControlInfo& info) {
  const auto& values = info.values();
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

Result<void> SetOne(const KnownControl& known, const std::string& text, const libcamera::ControlInfoMap& offered,
                    CameraControls& controls) {
  GLIMPSE_ASSIGN_OR_RETURN(const ControlReading reading, ReadControl(known, text));
  const auto info = offered.find(known.id->id());
  if (info == offered.end()) {
    controls.ignored.emplace_back(known.name);
    return {};
  }
  if (known.kind == KnownControl::Kind::kWord && !Listed(reading.value, info->second)) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("controls: this camera does not have '", Printable(text), "' of '", known.name, "'"));
  }
  const auto low = AsNumber(info->second.min());
  const auto high = AsNumber(info->second.max());
  // Some cameras state 0 to 0 for a range they do not know.
  if (reading.number && low && high && *low < *high && (*reading.number < *low || *reading.number > *high)) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat("controls: '", known.name, "' is ", Printable(text),
                                                        ", this camera takes ", *low, " to ", *high));
  }
  controls.list.set(known.id->id(), reading.value);
  return {};
}

Result<bool> FlagOf(const std::string& name, const std::string& text) {
  const auto flag = ReadControlFlag(text);
  if (flag) return *flag;
  return Unexpected(ErrorCode::kInvalidConfig,
                    StrCat("controls: '", name, "' is true or false, not '", Printable(text), "'"));
}

// What is no control of libcamera's. `controls.hflip` and `vflip` are exchanged by a rotation, so their order is free.
Result<bool> SetOther(const std::string& name, const std::string& text, CameraControls& controls) {
  if (name == "hflip" || name == "vflip") {
    GLIMPSE_ASSIGN_OR_RETURN(const bool flag, FlagOf(name, text));
    bool& flip = name == "hflip" ? controls.hflip : controls.vflip;
    flip = flip != flag;
    return true;
  }
  if (name == "rotation") {
    if (text != "0" && text != "180") {
      return Unexpected(ErrorCode::kInvalidConfig,
                        StrCat("controls: 'rotation' is 0 or 180, not '", Printable(text),
                               "'; for other angles there is the step 'rotate' of a pipeline"));
    }
    if (text == "180") {
      controls.hflip = !controls.hflip;
      controls.vflip = !controls.vflip;
    }
    return true;
  }
  // It is read before there is a camera: see LibcameraManager().
  return name == kTuningFile;
}

Result<void> SetNamed(const std::string& name, const std::string& text, const libcamera::ControlInfoMap& offered,
                      CameraControls& controls) {
  GLIMPSE_ASSIGN_OR_RETURN(const bool done, SetOther(name, text, controls));
  if (done) return {};
  std::vector<std::string> names = {"hflip", "vflip", "rotation", kTuningFile};
  for (const KnownControl& known : KnownControls()) {
    if (known.name == name) return SetOne(known, text, offered, controls);
    names.emplace_back(known.name);
  }
  return NoSuchControl(name, names);
}

// Sets a control that is not among those of every release, by its name, where this camera has it.
void SetByName(const std::string& name, int32_t value, const libcamera::ControlInfoMap& offered,
               libcamera::ControlList& list) {
  for (const auto& [id, info] : offered) {
    if (id->name() == name) list.set(id->id(), libcamera::ControlValue(value));
  }
}

// What has to be said beside a control for it to have an effect.
void SetImplied(const std::map<std::string, std::string>& wanted, const libcamera::ControlInfoMap& offered,
                CameraControls& controls) {
  const auto has = [&](const libcamera::ControlId& id) { return controls.list.contains(id.id()); };
  // Since libcamera 0.5 the time and the gain are either the algorithm's or ours.
  constexpr int32_t kManual = 1;
  if (has(lc::ExposureTime)) SetByName("ExposureTimeMode", kManual, offered, controls.list);
  if (has(lc::AnalogueGain)) SetByName("AnalogueGainMode", kManual, offered, controls.list);
  const bool can_focus = offered.find(lc::AfMode.id()) != offered.end();
  if (has(lc::LensPosition) && can_focus && !wanted.contains("autofocus-mode")) {
    controls.list.set(lc::AfMode.id(), libcamera::ControlValue(static_cast<int32_t>(lc::AfModeManual)));
  }
  if (has(lc::AfMode) && controls.list.get(lc::AfMode) == lc::AfModeAuto) {
    controls.list.set(lc::AfTrigger.id(), libcamera::ControlValue(static_cast<int32_t>(lc::AfTriggerStart)));
  }
}

}  // namespace

Result<CameraControls> MakeControls(const std::map<std::string, std::string>& wanted, double fps,
                                    const libcamera::ControlInfoMap& offered) {
  CameraControls controls;
  controls.list = libcamera::ControlList(libcamera::controls::controls);
  for (const auto& [name, text] : wanted) GLIMPSE_RETURN_IF_ERROR(SetNamed(name, text, offered, controls));
  SetImplied(wanted, offered, controls);
  if (offered.find(lc::FrameDurationLimits.id()) != offered.end()) {
    const auto period_us = static_cast<int64_t>(std::llround(1e6 / fps));
    const std::array<int64_t, 2> limits = {period_us, period_us};
    controls.list.set(lc::FrameDurationLimits.id(),
                      libcamera::ControlValue(libcamera::Span<const int64_t>(limits.data(), limits.size())));
  }
  return controls;
}

}  // namespace glimpse::media
