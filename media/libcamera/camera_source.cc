// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/camera_source.h"

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/request.h>
#include <libcamera/stream.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/flip.h"
#include "media/frame_pool.h"
#include "media/libcamera/cameras.h"
#include "media/libcamera/controls.h"
#include "media/libcamera/mapped_buffer.h"

namespace glimpse::media {
namespace {

constexpr unsigned kBuffers = 4;  // one with us, one waiting, two with the camera

// Flipping moved from `transform` to `orientation` in libcamera 0.2; whichever member there is gets used.
template <typename Configuration>
void AskForFlips(Configuration& configuration, bool hflip, bool vflip) {
  if constexpr (requires { configuration.orientation; }) {
    using Orientation = decltype(configuration.orientation);
    configuration.orientation = hflip ? (vflip ? Orientation::Rotate180 : Orientation::Rotate0Mirror)
                                      : (vflip ? Orientation::Rotate180Mirror : Orientation::Rotate0);
  } else {
    using Transform = decltype(configuration.transform);
    configuration.transform =
        hflip ? (vflip ? Transform::HVFlip : Transform::HFlip) : (vflip ? Transform::VFlip : Transform::Identity);
  }
}

template <typename Configuration>
auto FlipsOf(const Configuration& configuration) {
  if constexpr (requires { configuration.orientation; }) {
    return configuration.orientation;
  } else {
    return configuration.transform;
  }
}

// What the stream says of its luma and chroma; BT.601 in full range, as JPEG has it, when it says nothing.
Colour ColourOf(const libcamera::StreamConfiguration& stream) {
  Colour colour;
  if (!stream.colorSpace) return colour;
  const libcamera::ColorSpace& space = *stream.colorSpace;
  if (space.ycbcrEncoding == libcamera::ColorSpace::YcbcrEncoding::Rec709) colour.matrix = Matrix::kBt709;
  if (space.range == libcamera::ColorSpace::Range::Limited) colour.range = Range::kLimited;
  return colour;
}

class CameraSource : public Source {
 public:
  CameraSource(std::string what, const config::Camera& camera)
      : what_(std::move(what)), timeout_(std::chrono::milliseconds(std::llround(camera.timeout_s * 1000))) {}
  ~CameraSource() override;
  Result<void> Open(const config::Camera& camera);
  Result<std::optional<Frame>> Next(std::stop_token stop) override;
  Result<void> Restart() override;
  bool live() const override { return true; }
  SourceStats stats() const override;

 private:
  Unexpected Failed(ErrorCode code, const std::string& why) const { return Unexpected(code, StrCat(what_, ": ", why)); }
  Unexpected Failed(const std::string& why, int status) const {
    return Failed(ErrorCode::kIo, StrCat(why, ": ", std::strerror(status < 0 ? -status : status)));
  }
  bool Try(const config::Camera& camera, const libcamera::PixelFormat& format);
  Result<void> Configure(const config::Camera& camera);
  Result<void> Allocate();
  Result<void> Start();
  Result<void> Run();
  void OnCompleted(libcamera::Request* request);  // in libcamera's thread
  void OnDisconnected();                          // likewise
  void Requeue(libcamera::Request* request);
  Result<Frame> Copy(const MappedBuffer& buffer);

  const std::string what_;
  const std::chrono::milliseconds timeout_;
  std::shared_ptr<libcamera::CameraManager> manager_;
  std::shared_ptr<libcamera::Camera> camera_;
  bool acquired_ = false;
  bool started_ = false;
  std::unique_ptr<libcamera::CameraConfiguration> configuration_;
  libcamera::Stream* stream_ = nullptr;
  std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;
  std::map<const libcamera::FrameBuffer*, MappedBuffer> mapped_;
  std::vector<std::unique_ptr<libcamera::Request>> requests_;
  CameraControls controls_;
  PixelFormat format_ = PixelFormat::kGrey8;
  int width_ = 0;
  int height_ = 0;
  size_t stride_ = 0;
  Colour colour_;
  FramePool pool_;
  bool software_flips_ = false;  // the camera cannot flip, so copying does

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  libcamera::Request* latest_ = nullptr;  // completed, not yet fetched
  std::chrono::steady_clock::time_point latest_time_;
  uint64_t completed_ = 0;
  bool gone_ = false;
  bool stopping_ = false;
  SourceStats stats_;
};

CameraSource::~CameraSource() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  if (camera_ != nullptr) {
    if (started_) camera_->stop();  // completes what is queued, as cancelled
    camera_->requestCompleted.disconnect(this);
    camera_->disconnected.disconnect(this);
  }
  requests_.clear();
  mapped_.clear();
  allocator_.reset();
  if (acquired_) camera_->release();
  camera_.reset();  // before the manager: it must not outlive it
}

Result<void> CameraSource::Open(const config::Camera& camera) {
  const auto with_name = [this](Error error) { return Failed(error.code, error.message); };
  auto manager = LibcameraManager();
  if (!manager) return with_name(manager.error());
  manager_ = *manager;
  auto found = FindCamera(*manager_, camera.id);
  if (!found) return with_name(found.error());
  camera_ = *found;
  if (const int status = camera_->acquire(); status != 0) {
    return Failed(StrCat("cannot take '", camera_->id(), "', another program may be using it"), status);
  }
  acquired_ = true;
  auto controls = MakeControls(camera.controls, camera.fps, camera_->controls());
  if (!controls) return with_name(controls.error());
  controls_ = std::move(controls).value();
  if (!controls_.ignored.empty()) {
    stats_.last_error =
        StrCat(what_, ": has no control ", StrJoin(controls_.ignored, ", "), "; the configuration's is ignored");
  }
  GLIMPSE_RETURN_IF_ERROR(Configure(camera));
  GLIMPSE_RETURN_IF_ERROR(Allocate());
  return Start();
}

// Whether the camera gives this format; then configuration_ is what it makes of the request.
bool CameraSource::Try(const config::Camera& camera, const libcamera::PixelFormat& format) {
  libcamera::StreamConfiguration& stream = configuration_->at(0);
  const auto ask = [&](bool hflip, bool vflip) {
    stream.pixelFormat = format;
    stream.size = libcamera::Size(camera.width, camera.height);
    stream.bufferCount = kBuffers;
    AskForFlips(*configuration_, hflip, vflip);
    const auto flips = FlipsOf(*configuration_);
    const bool valid = configuration_->validate() != libcamera::CameraConfiguration::Invalid;
    return std::pair{valid && stream.pixelFormat == format, flips == FlipsOf(*configuration_)};
  };
  const auto [taken, flips_taken] = ask(controls_.hflip, controls_.vflip);
  software_flips_ = !flips_taken;
  return flips_taken ? taken : ask(false, false).first;
}

Result<void> CameraSource::Configure(const config::Camera& camera) {
  configuration_ = camera_->generateConfiguration({libcamera::StreamRole::Viewfinder});
  if (configuration_ == nullptr || configuration_->empty()) {
    return Failed(ErrorCode::kIo, "offers no stream of pictures");
  }
  const auto chosen = std::find_if(Formats().begin(), Formats().end(), [&](const FormatPair& pair) {
    const bool wanted = camera.format == "auto" || camera.format == PixelFormatName(pair.ours);
    return wanted && Try(camera, pair.theirs);
  });
  libcamera::StreamConfiguration& stream = configuration_->at(0);
  if (chosen == Formats().end()) {
    std::vector<std::string> offered;
    for (const auto& format : stream.formats().pixelformats()) offered.push_back(format.toString());
    return Failed(ErrorCode::kInvalidConfig,
                  StrCat("offers no pixel format this program reads", camera.format == "auto" ? "" : " under 'format'",
                         "; it has ", Printable(StrJoin(offered, ", "), 400)));
  }
  if (const int status = camera_->configure(configuration_.get()); status != 0) {
    return Failed(StrCat("cannot be set to ", Printable(stream.toString())), status);
  }
  stream_ = stream.stream();
  format_ = chosen->ours;
  width_ = static_cast<int>(stream.size.width);
  height_ = static_cast<int>(stream.size.height);
  stride_ = stream.stride;
  colour_ = ColourOf(stream);
  ApplyColour(camera, colour_);
  if (width_ <= 0 || height_ <= 0 || stride_ < RowBytes(format_, 0, width_)) {
    return Failed(ErrorCode::kIo, StrCat("gives an impossible format, ", Printable(stream.toString())));
  }
  return {};
}

Result<void> CameraSource::Allocate() {
  allocator_ = std::make_unique<libcamera::FrameBufferAllocator>(camera_);
  if (const int status = allocator_->allocate(stream_); status < 0) {
    return Failed("has no memory for its frames", status);
  }
  for (const std::unique_ptr<libcamera::FrameBuffer>& buffer : allocator_->buffers(stream_)) {
    auto mapped = MappedBuffer::Map(*buffer);
    if (!mapped) return Failed(mapped.error().code, mapped.error().message);
    std::unique_ptr<libcamera::Request> request = camera_->createRequest();
    if (request == nullptr) return Failed(ErrorCode::kIo, "gives no capture request");
    if (const int status = request->addBuffer(stream_, buffer.get()); status != 0) {
      return Failed("refuses its own frame buffer", status);
    }
    mapped_.emplace(buffer.get(), std::move(mapped).value());
    requests_.push_back(std::move(request));
  }
  return {};
}

Result<void> CameraSource::Start() {
  camera_->requestCompleted.connect(this, &CameraSource::OnCompleted);
  camera_->disconnected.connect(this, &CameraSource::OnDisconnected);
  return Run();
}

Result<void> CameraSource::Run() {
  if (const int status = camera_->start(&controls_.list); status != 0) return Failed("does not start", status);
  started_ = true;
  for (const auto& request : requests_) {
    if (const int status = camera_->queueRequest(request.get()); status != 0) {
      return Failed("takes no capture request", status);
    }
  }
  return {};
}

void CameraSource::Requeue(libcamera::Request* request) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || gone_) return;
  }
  request->reuse(libcamera::Request::ReuseBuffers);
  // A failure shows as missing frames, and Next() says so after its time-out.
  static_cast<void>(camera_->queueRequest(request));
}

void CameraSource::OnCompleted(libcamera::Request* request) {
  if (request->status() == libcamera::Request::RequestCancelled) return;
  libcamera::Request* unread = nullptr;
  const auto now = std::chrono::steady_clock::now();
  const auto& metadata = request->buffers().begin()->second->metadata();
  {
    const std::lock_guard lock(mutex_);
    if (metadata.status == libcamera::FrameMetadata::FrameError) {
      ++stats_.skipped;
      stats_.last_error = StrCat(what_, ": gave a damaged frame");
      unread = request;
    } else {
      unread = std::exchange(latest_, request);
      if (unread != nullptr) ++stats_.dropped;
      ++completed_;
      // Drivers stamp frames by the steady clock; some pipelines leave garbage there.
      const std::chrono::steady_clock::time_point stamp{std::chrono::nanoseconds(metadata.timestamp)};
      latest_time_ = stamp <= now && stamp > now - std::chrono::seconds(1) ? stamp : now;
    }
  }
  changed_.notify_one();
  if (unread != nullptr) Requeue(unread);
}

void CameraSource::OnDisconnected() {
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
  }
  changed_.notify_one();
}

Result<Frame> CameraSource::Copy(const MappedBuffer& buffer) {
  Frame frame;
  frame.colour = colour_;
  frame.format = format_;
  frame.width = width_;
  frame.height = height_;
  size_t size = 0;
  for (size_t p = 0; p < PlaneCount(format_); ++p) {
    frame.planes[p] = {size, RowBytes(format_, p, width_)};
    size += RowBytes(format_, p, width_) * RowCount(format_, p, height_);
  }
  const auto pixels = pool_.Take(size);
  // Some pipelines describe each plane, others one buffer with the planes one after another.
  const bool apart = buffer.planes().size() >= PlaneCount(format_);
  size_t at = 0;
  buffer.BeginRead();
  bool fits = true;
  for (size_t p = 0; p < PlaneCount(format_) && fits; ++p) {
    const size_t stride = StrideOfPlane(format_, p, stride_);
    const size_t rows = RowCount(format_, p, height_);
    std::span<const uint8_t> plane = buffer.planes()[apart ? p : 0];
    if (!apart) plane = plane.subspan(std::min(at, plane.size()));
    fits = stride >= frame.planes[p].stride && plane.size() >= (rows - 1) * stride + frame.planes[p].stride;
    if (fits) {
      CopyPlane(format_, p, width_, height_, plane.data(), stride, software_flips_ && controls_.hflip,
                software_flips_ && controls_.vflip, pixels->data() + frame.planes[p].offset);
    }
    at += rows * stride;
  }
  buffer.EndRead();
  if (!fits) return Failed(ErrorCode::kIo, "gives frame buffers too small for its own format");
  frame.storage = pixels;
  frame.origin = camera_->id();
  return frame;
}

Result<std::optional<Frame>> CameraSource::Next(std::stop_token stop) {
  libcamera::Request* request = nullptr;
  std::chrono::steady_clock::time_point captured;
  uint64_t sequence = 0;
  {
    std::unique_lock lock(mutex_);
    const bool woken = changed_.wait_for(lock, stop, timeout_, [this] { return latest_ != nullptr || gone_; });
    if (stop.stop_requested()) return std::optional<Frame>();
    if (gone_) return Failed(ErrorCode::kIo, "went away; plug it in again");
    if (!woken) {
      return Failed(ErrorCode::kIo, StrCat("gave no frame for ", std::chrono::duration<double>(timeout_).count(),
                                           " seconds; see its cable and whether another program uses it"));
    }
    request = std::exchange(latest_, nullptr);
    captured = latest_time_;
    sequence = completed_ - 1;
  }
  auto frame = Copy(mapped_.at(request->buffers().begin()->second));
  Requeue(request);
  if (!frame) return Unexpected(std::move(frame).error());
  frame->sequence = sequence;
  frame->captured = captured;
  frame->time = std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                                       std::chrono::steady_clock::now() - captured);
  const std::lock_guard lock(mutex_);
  ++stats_.frames;
  return std::optional<Frame>(std::move(frame).value());
}

Result<void> CameraSource::Restart() {
  {
    const std::lock_guard lock(mutex_);
    if (gone_) return Failed(ErrorCode::kIo, "went away; plug it in again");
    stopping_ = true;
  }
  const int stopped = camera_->stop();  // completes what is queued, as cancelled
  started_ = false;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = false;
    latest_ = nullptr;
  }
  if (stopped != 0) return Failed("does not stop", stopped);
  for (const auto& request : requests_) request->reuse(libcamera::Request::ReuseBuffers);
  return Run();
}

SourceStats CameraSource::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace

Result<std::unique_ptr<Source>> OpenCamera(const config::Camera& camera, const std::string& name) {
  auto source = std::make_unique<CameraSource>(StrCat("camera '", Printable(name), "'"), camera);
  GLIMPSE_RETURN_IF_ERROR(source->Open(camera));
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace glimpse::media
