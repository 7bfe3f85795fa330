// SPDX-License-Identifier: Apache-2.0
#include "media/video/video_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "media/frame_pool.h"
#include "media/jpeg_decoder.h"
#include "media/replay.h"
#include "media/stoppable_poll.h"
#include "media/video/frame_index.h"
#include "media/video/frame_splitter.h"

namespace glimpse::media {
namespace {

using SteadyClock = std::chrono::steady_clock;

// From a frame's bytes to a Frame.
class FrameMaker {
 public:
  FrameMaker(const config::Camera& camera, const Limits& limits) : camera_(camera), limits_(limits) {}

  // Room for the bytes of a raw or Y4M frame, which Finish() makes a frame of.
  std::shared_ptr<std::vector<uint8_t>> Room(size_t bytes) { return pool_.Take(bytes); }
  Frame Finish(const VideoLayout& layout, std::shared_ptr<const std::vector<uint8_t>> pixels) const {
    Frame frame;
    frame.format = layout.format;
    frame.width = layout.width;
    frame.height = layout.height;
    frame.colour = layout.colour;
    ApplyColour(camera_, frame.colour);
    size_t at = 0;
    for (size_t p = 0; p < PlaneCount(frame.format); ++p) {
      frame.planes[p] = {at, RowBytes(frame.format, p, frame.width)};
      at += frame.planes[p].stride * RowCount(frame.format, p, frame.height);
    }
    frame.storage = std::move(pixels);
    return frame;
  }
  Result<Frame> Decode(std::span<const uint8_t> jpeg, const std::string& name) {
    GLIMPSE_ASSIGN_OR_RETURN(Frame frame, jpeg_.Decode(std::as_bytes(jpeg), name, limits_, pool_));
    ApplyColour(camera_, frame.colour);
    return frame;
  }

 private:
  const config::Camera camera_;
  const Limits limits_;
  FramePool pool_;
  JpegDecoder jpeg_;
};

class VideoFile : public ReplaySource {
 public:
  VideoFile(const config::Camera& camera, std::string what, UniqueFd file, FrameIndex index, const Limits& limits,
            Clock& clock)
      : ReplaySource(camera, std::move(what), index.frames.size(), clock),
        name_(std::filesystem::path(camera.path).filename().string()),
        file_(std::move(file)),
        index_(std::move(index)),
        limits_(limits),
        maker_(camera, limits) {}

 private:
  Result<Frame> Load(size_t i) override {
    const FrameIndex::Entry& entry = index_.frames[i];
    const std::string name = StrCat(Printable(name_, 100), ":", i);
    const bool jpeg = index_.layout.kind == VideoLayout::Kind::kMjpeg;
    if ((!jpeg && entry.bytes < index_.layout.frame_bytes) || entry.bytes > limits_.max_file_bytes) {
      return Unexpected(ErrorCode::kInvalidArgument,
                        StrCat(name, ": ", entry.bytes, " bytes are no frame; the file was cut off"));
    }
    const auto bytes = maker_.Room(static_cast<size_t>(entry.bytes));
    GLIMPSE_ASSIGN_OR_RETURN(const size_t read, ReadAt(file_.get(), entry.offset, *bytes));
    if (read < entry.bytes) return Unexpected(ErrorCode::kIo, StrCat(name, ": the file became shorter"));
    if (!jpeg) {
      Frame frame = maker_.Finish(index_.layout, bytes);
      frame.origin = name;
      return frame;
    }
    GLIMPSE_ASSIGN_OR_RETURN(Frame frame, maker_.Decode(*bytes, name));
    frame.origin = name;
    return frame;
  }

  const std::string name_;
  const UniqueFd file_;
  const FrameIndex index_;
  const Limits limits_;
  FrameMaker maker_;
};

class VideoFifo : public Source {
 public:
  VideoFifo(const config::Camera& camera, std::string what, std::optional<VideoLayout> layout, const Limits& limits)
      : path_(camera.path),
        what_(std::move(what)),
        timeout_(std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(camera.timeout_s))),
        name_(std::filesystem::path(camera.path).filename().string()),
        splitter_(layout, limits),
        maker_(camera, limits) {}

  Result<void> Open() {
    // Without a writer there is nothing to wait for yet; O_NONBLOCK opens it all the same.
    file_.reset(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (file_.valid()) return {};
    return Unexpected(ErrorCode::kIo, StrCat(what_, ": ", std::strerror(errno)));
  }

  Result<std::optional<Frame>> Next(std::stop_token stop) override;
  // Nothing to be done: a frame that its writer has begun goes on where it stopped.
  Result<void> Restart() override { return {}; }
  bool must_stay_open() const override { return true; }
  bool live() const override { return true; }
  SourceStats stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  enum class Got { kBytes, kNothing, kStopped, kTimeout };
  Result<Got> Read(SteadyClock::time_point deadline, const std::stop_token& stop);
  // The writer ended; the next one begins a stream of its own.
  Result<void> AwaitNextWriter();
  Result<Frame> Make(std::span<const uint8_t> bytes);
  void CountSkipped(uint64_t count, const std::string& why);

  const std::string path_;
  const std::string what_;
  const SteadyClock::duration timeout_;
  const std::string name_;
  UniqueFd file_;
  StoppablePoll poll_;
  std::array<uint8_t, 65536> chunk_{};  // what a pipe holds
  FrameSplitter splitter_;
  bool discarding_ = false;  // what is written makes no sense, up to its writer's end
  FrameMaker maker_;
  uint64_t sequence_ = 0;

  mutable std::mutex mutex_;  // guards stats_
  SourceStats stats_;
};

void VideoFifo::CountSkipped(uint64_t count, const std::string& why) {
  const std::lock_guard lock(mutex_);
  stats_.skipped += count;
  stats_.last_error = StrCat(what_, ": ", why);
}

Result<void> VideoFifo::AwaitNextWriter() {
  if (splitter_.pending_bytes() > 0) {
    CountSkipped(1, StrCat("its writer ended after ", splitter_.pending_bytes(), " bytes of a frame"));
  }
  splitter_.Reset();
  discarding_ = false;
  return Open();
}

Result<VideoFifo::Got> VideoFifo::Read(SteadyClock::time_point deadline, const std::stop_token& stop) {
  switch (poll_.Wait(file_.get(), deadline, stop)) {
    case StoppablePoll::Woken::kStopped:
      return Got::kStopped;
    case StoppablePoll::Woken::kTimeout:
      return Got::kTimeout;
    case StoppablePoll::Woken::kReady:
    case StoppablePoll::Woken::kHangUp:
      break;
  }
  const ssize_t bytes = ::read(file_.get(), chunk_.data(), chunk_.size());
  if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) return Got::kNothing;
  if (bytes < 0) return Unexpected(ErrorCode::kIo, StrCat(what_, ": ", std::strerror(errno)));
  if (bytes == 0) {
    GLIMPSE_RETURN_IF_ERROR(AwaitNextWriter());
    return Got::kNothing;
  }
  if (!discarding_) splitter_.Feed(std::span(chunk_).first(static_cast<size_t>(bytes)));
  return Got::kBytes;
}

Result<Frame> VideoFifo::Make(std::span<const uint8_t> bytes) {
  const VideoLayout& layout = *splitter_.layout();
  if (layout.kind == VideoLayout::Kind::kMjpeg) return maker_.Decode(bytes, "a frame");
  const auto room = maker_.Room(bytes.size());
  std::copy(bytes.begin(), bytes.end(), room->begin());
  return maker_.Finish(layout, room);
}

Result<std::optional<Frame>> VideoFifo::Next(std::stop_token stop) {
  const auto deadline = SteadyClock::now() + timeout_;
  while (true) {
    const uint64_t broken = splitter_.skipped();
    const auto piece = splitter_.Next();
    if (splitter_.skipped() > broken)
      CountSkipped(splitter_.skipped() - broken, "what is written is no frame, passed over");
    if (!piece) {
      splitter_.Reset();
      discarding_ = true;
      return Unexpected(piece.error().code, StrCat(what_, ": ", piece.error().message));
    }
    if (*piece) {
      auto frame = Make((*piece)->bytes);
      if (!frame) {
        CountSkipped(1, frame.error().message);
        continue;
      }
      frame->origin = name_;
      frame->sequence = sequence_++;
      frame->captured = SteadyClock::now();
      frame->time = std::chrono::system_clock::now();
      const std::lock_guard lock(mutex_);
      ++stats_.frames;
      return std::optional<Frame>(std::move(*frame));
    }
    GLIMPSE_ASSIGN_OR_RETURN(const Got got, Read(deadline, stop));
    if (got == Got::kStopped) return std::optional<Frame>();
    if (got == Got::kTimeout) {
      return Unexpected(ErrorCode::kIo,
                        StrCat(what_, ": gave no frame for ", std::chrono::duration<double>(timeout_).count(),
                               discarding_ ? " seconds; what is written into it is no video"
                                           : " seconds; see whether a program writes into it"));
    }
  }
}

}  // namespace

Result<std::unique_ptr<Source>> OpenVideo(const config::Camera& camera, const std::string& name,
                                          const SourceOptions& options, Clock& clock) {
  const std::string what = StrCat("camera '", Printable(name), "': ", Printable(camera.path));
  const auto named = [&](const Error& error) { return Unexpected(error.code, StrCat(what, ": ", error.message)); };
  std::optional<VideoLayout> layout;
  if (const auto format = PixelFormatFromName(camera.format)) {
    auto raw = RawLayout(*format, static_cast<int>(camera.width), static_cast<int>(camera.height), options.limits);
    if (!raw) return named(raw.error());
    layout = *raw;
  } else if (camera.format == "mjpeg") {
    layout = VideoLayout{};
    layout->kind = VideoLayout::Kind::kMjpeg;
  }
  struct stat info {};
  UniqueFd file(::open(camera.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid() || ::fstat(file.get(), &info) != 0) {
    return named({errno == ENOENT ? ErrorCode::kInvalidConfig : ErrorCode::kIo, std::strerror(errno)});
  }
  if (S_ISFIFO(info.st_mode)) {
    auto fifo = std::make_unique<VideoFifo>(camera, what, layout, options.limits);
    GLIMPSE_RETURN_IF_ERROR(fifo->Open());
    return std::unique_ptr<Source>(std::move(fifo));
  }
  if (!S_ISREG(info.st_mode)) {
    return named({ErrorCode::kInvalidConfig, "is neither a file nor a FIFO; give a video"});
  }
  auto index = FrameIndex::Build(file.get(), layout, options.limits);
  if (!index) return named(index.error());
  return std::unique_ptr<Source>(
      std::make_unique<VideoFile>(camera, what, std::move(file), std::move(*index), options.limits, clock));
}

}  // namespace glimpse::media
