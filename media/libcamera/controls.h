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

// The control that names a file of libcamera's algorithms for the sensor.
inline constexpr char kTuningFile[] = "tuning-file";

// hflip, vflip, ae (true, false) · rotation (0, 180) · exposure (normal, short or sport, long) · metering (centre,
// spot, average, custom) · shutter (microseconds) · gain, ev, brightness, contrast, saturation, sharpness (numbers, in
// libcamera's units) · awb (auto, incandescent, tungsten, fluorescent, indoor, daylight, cloudy, custom) · awbgains
// (red and blue, "1.5,1.2") · denoise (off, cdn_off, cdn_fast, cdn_hq) · autofocus-mode (manual, auto, continuous) ·
// autofocus-range (normal, macro, full) · autofocus-speed (normal, fast) · lens-position (dioptres, 0 is infinity;
// without an autofocus-mode that is manual) · tuning-file, which takes effect elsewhere. `fps` becomes the camera's
// frame duration where it has that control. Errors: kInvalidConfig for an unknown name, with the nearest, a value that
// cannot be read, and one that the camera does not have. A control the camera lacks is no error: cameras differ, one
// configuration serves.
Result<CameraControls> MakeControls(const std::map<std::string, std::string>& wanted, double fps,
                                    const libcamera::ControlInfoMap& offered);

}  // namespace glimpse::media
