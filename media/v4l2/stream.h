// SPDX-License-Identifier: Apache-2.0
// V4l2Stream: the buffers of a V4L2 camera and their way between it and us.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/v4l2/device.h"

namespace glimpse::media {

// Owns the device while it streams. For one thread. Messages name the device, not the camera.
class V4l2Stream {
 public:
  enum class How { kFrame, kTimeout, kStopped };

  // A buffer that is ours until it is given back.
  struct Taken {
    How how = How::kTimeout;
    uint32_t index = 0;
    std::span<const uint8_t> bytes;  // as many as the driver says are used
    std::string problem;             // why the frame is worth nothing, "" when it is whole as far as the driver knows
    uint64_t older = 0;              // frames before it that were given back unseen
    uint32_t sequence = 0;           // the driver's own count
    std::optional<std::chrono::steady_clock::time_point> stamp;  // when it was taken, where the driver knows
  };

  // Asks for buffers, maps them and lets the camera run; the format is set already. Errors: kIo.
  static Result<std::unique_ptr<V4l2Stream>> Start(std::unique_ptr<V4l2Device> device, std::string path);
  ~V4l2Stream();

  // Waits for a frame, and takes the newest that is there. Errors: kIo when the camera went away or its driver fails
  // again and again.
  Result<Taken> TakeNewest(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
  Result<void> GiveBack(const Taken& taken);

  // Stops the camera and lets it run anew with all buffers. Nothing may be taken meanwhile. Errors: kIo.
  Result<void> Restart();

 private:
  struct Mapping {
    const uint8_t* memory = nullptr;
    size_t length = 0;
  };

  V4l2Stream(std::unique_ptr<V4l2Device> device, std::string path);
  Unexpected Failed(const std::string& what, int error) const;
  Result<void> AskForBuffers();
  Result<void> Run();
  // The next frame that is there, if any. Errors: as TakeNewest.
  Result<std::optional<Taken>> TakeOne();

  std::unique_ptr<V4l2Device> device_;
  const std::string path_;
  std::vector<Mapping> buffers_;
  bool streaming_ = false;
  int failures_in_a_row_ = 0;
};

}  // namespace glimpse::media
