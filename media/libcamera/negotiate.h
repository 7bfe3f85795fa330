// SPDX-License-Identifier: Apache-2.0
// Which stream is had from a camera.
#pragma once

#include <libcamera/camera.h>
#include <libcamera/stream.h>

#include <cstddef>
#include <memory>
#include <optional>

#include "base/result.h"
#include "config/config.h"
#include "media/frame.h"

namespace glimpse::media {

// A stream that the camera was set to.
struct NegotiatedStream {
  std::unique_ptr<libcamera::CameraConfiguration> configuration;
  libcamera::Stream* stream = nullptr;
  std::optional<PixelFormat> format;  // nothing: MJPEG
  int width = 0;                      // pixels
  int height = 0;
  size_t stride = 0;            // bytes between rows of plane 0; not for MJPEG
  Colour colour;                // likewise
  bool software_flips = false;  // the camera cannot mirror, so whoever copies does
};

// Sets `device`, which was acquired, to what `camera` asks for, or what comes nearest. Errors: kIo; kInvalidConfig when
// it offers no format that is read, or not the one named.
Result<NegotiatedStream> NegotiateStream(libcamera::Camera& device, const config::Camera& camera, bool hflip,
                                         bool vflip);

}  // namespace glimpse::media
