// SPDX-License-Identifier: Apache-2.0
// A camera's `controls` of the configuration, by name.
#pragma once

#include <libcamera/controls.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace glimpse::media {

struct CameraControls {
  bool hflip = false;
  bool vflip = false;
  libcamera::ControlList list;       // for Camera::start
  std::vector<std::string> ignored;  // controls this camera does not have
};

// hflip, vflip, ae (true, false) · exposure (normal, short, long) · shutter (microseconds) · gain, ev, brightness,
// contrast, saturation, sharpness (numbers, in libcamera's units) · awb (auto, incandescent, tungsten, fluorescent,
// indoor, daylight, cloudy). `fps` becomes the camera's frame duration where it has that control.
// Errors: kInvalidConfig for an unknown name, with the nearest, a value that cannot be read, and one outside the
// range that the camera states. A control the camera lacks is no error: cameras differ, one configuration serves.
Result<CameraControls> MakeControls(const std::map<std::string, std::string>& wanted, double fps,
                                    const libcamera::ControlInfoMap& offered);

}  // namespace glimpse::media
