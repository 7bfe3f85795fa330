// SPDX-License-Identifier: Apache-2.0
// A V4L2 camera's `controls` of the configuration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/v4l2/device.h"

namespace glimpse::media {

struct V4l2Controls {
  bool hflip = false;  // done while copying
  bool vflip = false;
  std::vector<std::string> ignored;  // controls that this camera does not have
};

// hflip, vflip, ae, awb (true, false) · shutter (microseconds) · gain, brightness, contrast, saturation, sharpness
// (whole numbers in the driver's own units). `shutter` turns the automatic exposure off first. Errors: kInvalidConfig
// for an unknown name, with the nearest, and a value that cannot be read or that the camera does not take; kIo when the
// camera does not answer. A control that it lacks is no error.
Result<V4l2Controls> SetControls(V4l2Device& device, const std::map<std::string, std::string>& wanted);

}  // namespace glimpse::media
