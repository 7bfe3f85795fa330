// SPDX-License-Identifier: Apache-2.0
// Source: where frames come from, be it a camera or its stand-ins.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "media/clock.h"
#include "media/frame.h"
#include "media/limits.h"

namespace glimpse::media {

class V4l2Devices;

// Counters since the source was opened.
struct SourceStats {
  uint64_t frames = 0;     // given by Next()
  uint64_t skipped = 0;    // pictures that could not be decoded, counted each time round the loop
  uint64_t dropped = 0;    // frames that nobody fetched in time: of a camera, or of a `realtime` source
  std::string last_error;  // why the last picture was skipped, naming it; "" when none was
};

// A stream of frames. Next() is for one thread; stats() may be called from any other meanwhile.
class Source {
 public:
  virtual ~Source() = default;

  // Waits for the next frame. Nothing: the stream ended (a folder or idx file that does not loop) or `stop` was
  // requested; after a stop the source is as before, and the frame it was waiting for comes with the next call.
  // The frame is always consistent (Frame::IsConsistent).
  //
  // files, idx: never before a frame's time, which is start + n / fps by the steady clock, so rounding and the
  // reader's own delays do not add up. A reader later than one period sets a new start, and no frame is lost; with
  // `realtime` the schedule holds, and frames whose successor is due too are dropped and counted.
  // A camera keeps the latest frame only; what it replaces is counted as dropped.
  //
  // Errors: kIo for a camera that gave no frame within camera.timeout_s or went away; after that Restart() may help,
  // or another source in its place. For a folder none of whose pictures can be decoded (the message names the last one
  // and why) an error is the end.
  virtual Result<std::optional<Frame>> Next(std::stop_token stop) = 0;

  // After an error of Next(): stops the camera and lets it run again, without closing it. For the thread that calls
  // Next(). Errors: kIo; kUnsupported, nothing was done, when there is nothing to restart.
  virtual Result<void> Restart() { return Unexpected(ErrorCode::kUnsupported, "cannot be restarted"); }

  // Whether closing it would do harm, so that a restart is all that is tried: a program that writes a FIFO ends when
  // nobody reads it any more.
  virtual bool must_stay_open() const { return false; }

  // Whether frames come at a time of their own, so that what failed may be well again later: cameras, FIFOs.
  virtual bool live() const { return false; }

  virtual SourceStats stats() const = 0;
};

// Sets what the keys `matrix` and `range` of a camera say, and leaves the rest as the source knows it.
void ApplyColour(const config::Camera& camera, Colour& colour);

// What OpenSource needs beyond the configuration. The defaults are right for the programs.
struct SourceOptions {
  Limits limits;
  Clock* clock = nullptr;       // null: SystemClock(); must outlive the source
  V4l2Devices* v4l2 = nullptr;  // null: KernelV4l2Devices(); must outlive the source
};

// Opens what `camera` describes; `name` is its key in the configuration and appears in errors.
//   files      camera.path is a folder; its *.png, *.jpg, *.jpeg, *.pgm, *.ppm, *.pnm files (any case) that are
//              regular files, by name in byte order, listed once now. An undecodable one is skipped and counted.
//   idx        camera.path is an idx3-ubyte file, plain or gzip: see media/idx.h
//   libcamera  a module loaded at run time: see media/libcamera/module.h
//   v4l2       /dev/video*: see media/v4l2/v4l2_source.h
//   video      camera.path is a file, or a FIFO, of Y4M, MJPEG or raw frames: see media/video/video_source.h
// Errors: kInvalidConfig when the path is not there or has no picture; kInvalidArgument for a malformed idx file; kIo;
// kPlugin when the libcamera module is missing or refused. Every message begins with "camera 'NAME'".
Result<std::unique_ptr<Source>> OpenSource(const config::Camera& camera, const std::string& name,
                                           const SourceOptions& options = {});

}  // namespace glimpse::media
