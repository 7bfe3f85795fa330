// SPDX-License-Identifier: Apache-2.0
// The cameras that libcamera finds, and the pixel formats that are read from them.
#pragma once

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/pixel_format.h>

#include <array>
#include <memory>
#include <string>

#include "base/result.h"
#include "media/frame.h"

namespace glimpse::media {

struct FormatPair {
  libcamera::PixelFormat theirs;
  PixelFormat ours;
};

// Best first: those with a luma plane cost the least to make grey. libcamera names RGB formats by the word's high byte,
// we by the first byte in memory.
const std::array<FormatPair, 9>& Formats();

// libcamera allows one manager in a process: cameras share it, and it ends with the last of them. Thread-safe.
// Errors: kIo.
Result<std::shared_ptr<libcamera::CameraManager>> LibcameraManager();

// See OpenCamera for what `id` may be. Errors: kIo when there is no camera, kInvalidConfig when none is of that name,
// with the names of those that are there.
Result<std::shared_ptr<libcamera::Camera>> FindCamera(libcamera::CameraManager& manager, const std::string& id);

}  // namespace glimpse::media
