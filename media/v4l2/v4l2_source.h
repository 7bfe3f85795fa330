// SPDX-License-Identifier: Apache-2.0
// The source that reads a camera through V4L2: webcams, and whatever else Linux shows as /dev/video*.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/listed_camera.h"
#include "media/source.h"
#include "media/v4l2/device.h"

namespace glimpse::media {

// Opens and starts the camera that `camera.id` names: "auto" the first that gives pictures, a number N /dev/videoN, a
// path (as those in /dev/v4l/by-id, which stay the same when cameras change places), else a camera's card name or bus.
// Only its single-planar streams of memory-mapped buffers are used, which all webcams have.
//
// A frame that is damaged, too short or no sound JPEG is skipped and counted. Of frames that came meanwhile the newest
// is given, the others are counted as dropped, as are those that are missing in the driver's own count. Errors begin
// with "camera 'NAME'" and name the device: kIo when it is not there, in use, or not to be opened by this user (with
// the group that may); kInvalidConfig for a control or format that it does not have.
Result<std::unique_ptr<Source>> OpenV4l2(const config::Camera& camera, const std::string& name,
                                         const SourceOptions& options);

// All devices, also those that cannot be opened or give no pictures, with the reason. Reentrant.
std::vector<ListedCamera> ListV4l2(V4l2Devices& devices);

}  // namespace glimpse::media
