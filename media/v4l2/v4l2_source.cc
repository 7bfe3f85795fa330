// SPDX-License-Identifier: Apache-2.0
#include "media/v4l2/v4l2_source.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "base/strings.h"
#include "media/device_access.h"
#include "media/flip.h"
#include "media/frame_pool.h"
#include "media/jpeg_decoder.h"
#include "media/v4l2/controls.h"
#include "media/v4l2/find.h"
#include "media/v4l2/formats.h"
#include "media/v4l2/stream.h"

namespace glimpse::media {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Drivers stamp frames by the steady clock; some leave garbage there.
SteadyClock::time_point CaptureTime(const V4l2Stream::Taken& taken, SteadyClock::time_point now) {
  return taken.stamp && *taken.stamp <= now && *taken.stamp > now - std::chrono::seconds(1) ? *taken.stamp : now;
}

class V4l2Source : public Source {
 public:
  V4l2Source(std::string what, const config::Camera& camera, const SourceOptions& options)
      : what_(std::move(what)),
        limits_(options.limits),
        timeout_(std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(camera.timeout_s))) {}

  Result<void> Open(const config::Camera& camera, V4l2Devices& devices);
  Result<std::optional<Frame>> Next(std::stop_token stop) override;
  Result<void> Restart() override;
  bool live() const override { return true; }
  SourceStats stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  Unexpected Named(Error error) const { return Unexpected(error.code, StrCat(what_, ": ", error.message)); }
  Result<Frame> Convert(std::span<const uint8_t> bytes);
  Frame Copy(std::span<const uint8_t> bytes);
  void CountSkipped(std::string why);
  // What the driver's own count says is missing before `sequence`.
  uint64_t Missing(uint32_t sequence);

  const std::string what_;
  const Limits limits_;
  const SteadyClock::duration timeout_;
  std::string path_;
  StreamFormat format_;
  V4l2Controls controls_;
  std::unique_ptr<V4l2Stream> stream_;
  JpegDecoder jpeg_;
  FramePool pool_;
  uint64_t sequence_ = 0;
  std::optional<uint32_t> driver_sequence_;

  mutable std::mutex mutex_;  // guards stats_
  SourceStats stats_;
};

Result<void> V4l2Source::Open(const config::Camera& camera, V4l2Devices& devices) {
  auto found = FindV4l2(camera.id, devices);
  if (!found) return Named(found.error());
  path_ = found->path;
  auto format = Negotiate(*found->device, path_, camera);
  if (!format) return Named(format.error());
  format_ = *format;
  ApplyColour(camera, format_.colour);
  SetRate(*found->device, camera.fps);
  auto controls = SetControls(*found->device, camera.controls);
  if (!controls) return Named(controls.error());
  controls_ = std::move(*controls);
  if (!controls_.ignored.empty()) {
    stats_.last_error = StrCat(what_, ": ", path_, " has no control ", StrJoin(controls_.ignored, ", "),
                               "; the configuration's is ignored");
  }
  auto stream = V4l2Stream::Start(std::move(found->device), path_);
  if (!stream) return Named(stream.error());
  stream_ = std::move(*stream);
  return {};
}

Result<void> V4l2Source::Restart() {
  driver_sequence_.reset();
  auto restarted = stream_->Restart();
  return restarted ? restarted : Named(restarted.error());
}

void V4l2Source::CountSkipped(std::string why) {
  const std::lock_guard lock(mutex_);
  ++stats_.skipped;
  stats_.last_error = StrCat(what_, ": ", path_, ": ", why);
}

uint64_t V4l2Source::Missing(uint32_t sequence) {
  // More than that is no loss but a driver that counts otherwise.
  constexpr uint32_t kMostMissing = 1000;
  const auto before = std::exchange(driver_sequence_, sequence);
  const uint32_t step = before ? sequence - *before : 1;
  return step > 1 && step <= kMostMissing ? step - 1 : 0;
}

Frame V4l2Source::Copy(std::span<const uint8_t> bytes) {
  Frame frame;
  frame.format = format_.format;
  frame.width = format_.width;
  frame.height = format_.height;
  frame.colour = format_.colour;
  size_t size = 0;
  for (size_t p = 0; p < PlaneCount(frame.format); ++p) {
    frame.planes[p] = {size, RowBytes(frame.format, p, frame.width)};
    size += frame.planes[p].stride * RowCount(frame.format, p, frame.height);
  }
  const auto pixels = pool_.Take(size);
  size_t at = 0;
  for (size_t p = 0; p < PlaneCount(frame.format); ++p) {
    const size_t stride = StrideOfPlane(frame.format, p, format_.stride);
    CopyPlane(frame.format, p, frame.width, frame.height, bytes.data() + at, stride, controls_.hflip, controls_.vflip,
              pixels->data() + frame.planes[p].offset);
    at += stride * RowCount(frame.format, p, frame.height);
  }
  frame.storage = pixels;
  return frame;
}

Result<Frame> V4l2Source::Convert(std::span<const uint8_t> bytes) {
  if (!format_.mjpeg) {
    if (bytes.size() >= format_.frame_bytes) return Copy(bytes);
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat("a frame of ", bytes.size(), " bytes, a whole one has ", format_.frame_bytes));
  }
  return jpeg_.DecodeFrame(std::as_bytes(bytes), format_.width, format_.height, controls_.hflip, controls_.vflip,
                           limits_, pool_);
}

Result<std::optional<Frame>> V4l2Source::Next(std::stop_token stop) {
  const auto deadline = SteadyClock::now() + timeout_;
  std::string last_problem;
  while (true) {
    auto taken = stream_->TakeNewest(deadline, stop);
    if (!taken) return Named(taken.error());
    if (taken->how == V4l2Stream::How::kStopped) return std::optional<Frame>();
    if (taken->how == V4l2Stream::How::kTimeout) {
      return Named({ErrorCode::kIo, StrCat(path_, " gave no ", last_problem.empty() ? "" : "usable ", "frame for ",
                                           std::chrono::duration<double>(timeout_).count(), " seconds",
                                           last_problem.empty() ? "; see its cable and whether another program uses it"
                                                                : StrCat("; the last was ", last_problem))});
    }
    std::optional<Result<Frame>> frame;
    if (taken->problem.empty()) frame = Convert(taken->bytes);
    const auto captured = CaptureTime(*taken, SteadyClock::now());
    // The driver counts the ones we gave back unseen, too.
    const uint64_t dropped = std::max(taken->older, Missing(taken->sequence));
    if (auto back = stream_->GiveBack(*taken); !back) return Named(back.error());
    {
      const std::lock_guard lock(mutex_);
      stats_.dropped += dropped;
    }
    sequence_ += dropped;
    if (!frame || !*frame) {
      last_problem = !frame ? taken->problem : frame->error().message;
      CountSkipped(last_problem);
      continue;
    }
    Frame& given = **frame;
    given.origin = path_;
    given.sequence = sequence_++;
    given.captured = captured;
    given.time = std::chrono::system_clock::now() -
                 std::chrono::duration_cast<std::chrono::system_clock::duration>(SteadyClock::now() - captured);
    const std::lock_guard lock(mutex_);
    ++stats_.frames;
    return std::optional<Frame>(std::move(given));
  }
}

}  // namespace

Result<std::unique_ptr<Source>> OpenV4l2(const config::Camera& camera, const std::string& name,
                                         const SourceOptions& options) {
  auto source = std::make_unique<V4l2Source>(StrCat("camera '", Printable(name), "'"), camera, options);
  GLIMPSE_RETURN_IF_ERROR(source->Open(camera, options.v4l2 != nullptr ? *options.v4l2 : KernelV4l2Devices()));
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace glimpse::media
