// SPDX-License-Identifier: Apache-2.0
// What a V4L2 camera can give, and which of it is taken.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/frame.h"
#include "media/v4l2/device.h"

namespace glimpse::media {

// MJPEG counts as one format here; its pictures are decoded.
struct StreamFormat {
  bool mjpeg = false;
  PixelFormat format = PixelFormat::kYuyv;  // without mjpeg
  int width = 0, height = 0;
  size_t stride = 0;       // of plane 0
  size_t frame_bytes = 0;  // that a whole picture has at least; 0 with mjpeg
  Colour colour;
};

// "yuyv" or "mjpeg".
std::string StreamFormatName(bool mjpeg, PixelFormat format);

// Sets the device to the format that fits `camera` best and says what the device made of it: the size asked for before
// any other, then a rate of `fps` or more, then the format that costs the least to make grey, MJPEG last; `format` of
// the configuration leaves no choice. Errors: kIo when it is in use or does not answer; kInvalidConfig when it has no
// format that this program reads, or not the one of the configuration. Messages do not name the camera.
Result<StreamFormat> Negotiate(V4l2Device& device, const std::string& path, const config::Camera& camera);

// Asks for `fps` frames a second. What the device makes of it shows in the frames.
void SetRate(V4l2Device& device, double fps);

// One pixel format of a camera as it lists itself.
struct ListedFormat {
  std::string name;                // "yuyv", "mjpeg", or the four letters of one that is not read here
  bool readable = false;           // by this program
  std::vector<std::string> sizes;  // "640x480 at 30, 15"; "from 16x16 to 1920x1080"
};
std::vector<ListedFormat> ListFormats(V4l2Device& device);

// What the device says of itself, and whether it gives frames that can be read.
struct DeviceFacts {
  std::string driver, card, bus;
  bool captures = false;  // streams of single pictures, not a decoder, an encoder, or metadata
};
// Errors: kIo.
Result<DeviceFacts> QueryDevice(V4l2Device& device);

}  // namespace glimpse::media
