// SPDX-License-Identifier: Apache-2.0
// Frame: one picture, in whatever pixel format its source gave.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/pixel_format.h"

namespace glimpse::media {

// Where one plane lies within Frame::storage. Row y begins at offset + y * stride.
struct Plane {
  size_t offset = 0;
  size_t stride = 0;  // bytes from one row to the next, at least RowBytes()
};

// What a camera says of how it took a frame. What it does not say is empty.
struct SensorFacts {
  std::optional<int64_t> timestamp_ns;  // when the first row was exposed, on the clock that never jumps
  std::optional<int64_t> exposure_us;   // how long
  std::optional<double> analogue_gain;  // of the sensor, 1: none
  std::optional<double> digital_gain;   // of what processes its picture, 1: none
  std::optional<double> lux;            // estimated brightness of the scene

  bool operator==(const SensorFacts&) const = default;
};

// One picture and where it comes from. Copies share the pixels, which never change once a Frame holds them, so a
// Frame may be handed from thread to thread.
struct Frame {
  PixelFormat format = PixelFormat::kGrey8;
  int width = 0;                  // pixels, > 0
  int height = 0;                 // pixels, > 0
  Colour colour;                  // what luma and chroma mean
  std::array<Plane, 3> planes{};  // the first PlaneCount(format) count
  std::shared_ptr<const std::vector<uint8_t>> storage;
  uint64_t sequence = 0;                           // the source's frame number from 0; a gap is a dropped frame
  std::chrono::system_clock::time_point time;      // of the capture, for people
  std::chrono::steady_clock::time_point captured;  // of the capture, for measuring ages
  std::string origin;                              // file name, "idx:812", or the camera's id
  SensorFacts sensor;

  // The first byte of row `y` of plane `plane`. REQUIRES: IsConsistent(), both in range.
  const uint8_t* Row(size_t plane, int y) const {
    return storage->data() + planes[plane].offset + static_cast<size_t>(y) * planes[plane].stride;
  }

  // Whether sizes are positive and every row of every plane lies within storage. Sources and decoders give only
  // consistent frames; whoever makes one from elsewhere checks.
  bool IsConsistent() const;
};

// A frame of one densely packed plane (kGrey8, kRgb24, ...) that owns `pixels`.
// REQUIRES: pixels.size() == RowBytes(format, 0, width) * height, PlaneCount(format) == 1.
Frame MakeFrame(PixelFormat format, int width, int height, std::vector<uint8_t> pixels);

}  // namespace glimpse::media
