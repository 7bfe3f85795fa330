// SPDX-License-Identifier: Apache-2.0
// The source that reads a camera through libcamera.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/listed_camera.h"
#include "media/source.h"

namespace glimpse::media {

// Opens and starts the camera that `camera.id` names: "auto" the first, a number the n-th from 0, else a camera's id,
// or its model's name. Takes the first of YUV420, NV12, YUYV, UYVY, BGR888, RGB888, XBGR8888, XRGB8888, R8, MJPEG that
// it offers, or the one that `camera.format` names. Matrix and range are those of the stream's colour space, where it
// states one. The size is what the camera makes of the one asked for; frames say which. A camera that is faster than
// `camera.fps` is held to that. A damaged frame or JPEG is skipped. Errors begin with "camera 'NAME'": kIo when there
// is none, or none of that name, it is in use, or refuses to start; kInvalidConfig for a control that does not exist,
// or when it offers no format of these.
Result<std::unique_ptr<Source>> OpenCamera(const config::Camera& camera, const std::string& name);

// The cameras that are there. Errors: kIo.
Result<std::vector<ListedCamera>> ListCameras();

}  // namespace glimpse::media
