// SPDX-License-Identifier: Apache-2.0
// The cameras that libcamera finds, and the pixel formats that are read from them.
#pragma once

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/pixel_format.h>
#include <sys/types.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/frame.h"

namespace glimpse::media {

struct FormatPair {
  libcamera::PixelFormat theirs;
  std::optional<PixelFormat> ours;  // nothing: MJPEG, whose frames say themselves what they are
};

// As the configuration writes it.
std::string FormatName(const FormatPair& pair);

// Best first: those with a luma plane cost the least to make grey. libcamera names RGB formats by the word's high byte,
// we by the first byte in memory.
const std::array<FormatPair, 10>& Formats();

// libcamera allows one manager in a process: cameras share it, and it ends with the last of them. `tuning_file`: what
// its algorithms for Raspberry Pi's cameras go by, "" their own choice; read when the manager starts, so all cameras
// have the same. Thread-safe. Errors: kIo; kInvalidConfig for a file that cannot be read, or another one than the first
// camera's.
Result<std::shared_ptr<libcamera::CameraManager>> LibcameraManager(const std::string& tuning_file = "");

// The device files behind a camera; none where this release does not tell.
std::vector<dev_t> DevicesOf(const libcamera::Camera& camera);

// See OpenCamera for what `id` may be. Errors: kIo when there is no camera, or none of that name, which may be plugged
// in later; the message has the names of those that are there.
Result<std::shared_ptr<libcamera::Camera>> FindCamera(libcamera::CameraManager& manager, const std::string& id);

}  // namespace glimpse::media
