// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/camera_source.h"

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/control_ids.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/request.h>
#include <libcamera/stream.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/flip.h"
#include "media/frame_pool.h"
#include "media/jpeg_decoder.h"
#include "media/libcamera/cameras.h"
#include "media/libcamera/controls.h"
#include "media/libcamera/mapped_buffer.h"
#include "media/libcamera/negotiate.h"
#include "media/libcamera/request_pacer.h"

namespace glimpse::media {
namespace {

namespace lc = libcamera::controls;
using SteadyClock = std::chrono::steady_clock;

// A fact that is no number says nothing.
template <typename T>
std::optional<double> Finite(const std::optional<T>& value) {
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return static_cast<double>(*value);
}

SensorFacts SensorFactsOf(const libcamera::ControlList& metadata) {
  SensorFacts facts;
  facts.timestamp_ns = metadata.get(lc::SensorTimestamp);
  facts.exposure_us = metadata.get(lc::ExposureTime);
  facts.analogue_gain = Finite(metadata.get(lc::AnalogueGain));
  facts.digital_gain = Finite(metadata.get(lc::DigitalGain));
  facts.lux = Finite(metadata.get(lc::Lux));
  return facts;
}

class CameraSource;

// Where libcamera's thread calls. A signal that is being emitted cannot be disconnected safely from another thread, and
// a camera that was unplugged says so whenever it likes: so nothing is ever disconnected, and this outlives the source.
struct Listener {
  std::mutex mutex;        // guards `source` and what is called of it
  CameraSource* source{};  // null once that is gone
};

class CameraSource : public Source {
 public:
  CameraSource(std::string what, const config::Camera& camera)
      : what_(std::move(what)),
        timeout_(std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(camera.timeout_s))),
        pacer_(camera.fps, kBurst) {}
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
  Result<void> Allocate();
  Result<void> Start();
  Result<void> Run();
  void OnCompleted(libcamera::Request* request);  // in libcamera's thread
  void OnDisconnected();                          // likewise
  void Requeue(libcamera::Request* request);
  void Queue(libcamera::Request* request);
  // Whether the camera may be told to stop. libcamera aborts the program when its device is gone and it has not noticed
  // yet, so that is waited for.
  bool MayStop();
  // A completed request, nothing when `stop` was requested. Meanwhile gives the camera what waits for its turn.
  struct Taken {
    libcamera::Request* request = nullptr;
    uint64_t sequence = 0;
    SteadyClock::time_point completed;
  };
  Result<std::optional<Taken>> Take(const std::stop_token& stop, SteadyClock::time_point deadline,
                                    const std::string& last_problem);
  Result<Frame> Read(const libcamera::FrameBuffer& buffer);
  Result<Frame> Copy(const MappedBuffer& buffer);
  Result<Frame> DecodeJpeg(std::span<const uint8_t> bytes);

  static constexpr int kBurst = 8;  // frames that come late arrive together

  const std::string what_;
  const SteadyClock::duration timeout_;
  std::shared_ptr<libcamera::CameraManager> manager_;
  std::shared_ptr<libcamera::Camera> camera_;
  std::vector<dev_t> devices_;
  bool acquired_ = false;
  bool started_ = false;
  NegotiatedStream stream_;
  std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
  std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;
  std::map<const libcamera::FrameBuffer*, MappedBuffer> mapped_;
  std::vector<std::unique_ptr<libcamera::Request>> requests_;
  CameraControls controls_;
  JpegDecoder jpeg_;
  FramePool pool_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  libcamera::Request* latest_ = nullptr;  // completed, not yet fetched
  SteadyClock::time_point latest_time_;   // when it was completed
  RequestPacer pacer_;
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
  if (started_ && !MayStop()) {
    const std::lock_guard lock(listener_->mutex);
    listener_->source = nullptr;
    // Better lost than the whole program.
    new std::tuple(std::move(manager_), std::move(camera_), std::move(stream_), std::move(allocator_),
                   std::move(requests_), std::move(mapped_));
    return;
  }
  if (camera_ != nullptr) {
    if (started_) camera_->stop();  // completes what is queued, as cancelled
    const std::lock_guard lock(listener_->mutex);
    listener_->source = nullptr;
  }
  requests_.clear();
  mapped_.clear();
  allocator_.reset();
  if (acquired_) camera_->release();
  camera_.reset();  // before the manager: it must not outlive it
}

bool CameraSource::MayStop() {
  const bool there = std::all_of(devices_.begin(), devices_.end(), [](dev_t device) {
    return ::access(StrCat("/sys/dev/char/", major(device), ":", minor(device)).c_str(), F_OK) == 0;
  });
  if (there) return true;
  constexpr std::chrono::seconds kPatience{20};
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [this] { return gone_; });
}

Result<void> CameraSource::Open(const config::Camera& camera) {
  const auto with_name = [this](Error error) { return Failed(error.code, error.message); };
  const auto tuning_file = camera.controls.find(kTuningFile);
  auto manager = LibcameraManager(tuning_file == camera.controls.end() ? "" : tuning_file->second);
  if (!manager) return with_name(manager.error());
  manager_ = *manager;
  auto found = FindCamera(*manager_, camera.id);
  if (!found) return with_name(found.error());
  camera_ = *found;
  if (const int status = camera_->acquire(); status != 0) {
    return Failed(StrCat("cannot take '", camera_->id(), "', another program may be using it"), status);
  }
  acquired_ = true;
  devices_ = DevicesOf(*camera_);
  auto controls = MakeControls(camera.controls, camera.fps, camera_->controls());
  if (!controls) return with_name(controls.error());
  controls_ = std::move(controls).value();
  if (!controls_.ignored.empty()) {
    stats_.last_error =
        StrCat(what_, ": has no control ", StrJoin(controls_.ignored, ", "), "; the configuration's is ignored");
  }
  auto stream = NegotiateStream(*camera_, camera, controls_.hflip, controls_.vflip);
  if (!stream) return with_name(stream.error());
  stream_ = std::move(*stream);
  GLIMPSE_RETURN_IF_ERROR(Allocate());
  return Start();
}

Result<void> CameraSource::Allocate() {
  allocator_ = std::make_unique<libcamera::FrameBufferAllocator>(camera_);
  if (const int status = allocator_->allocate(stream_.stream); status < 0) {
    // What libcamera says when it could open none of these, or there is none.
    const bool no_provider = status == -ENOBUFS;
    return Failed(no_provider ? "has no memory for its frames: this user may open none of /dev/dma_heap/* and "
                                "/dev/udmabuf, 'glimpse doctor' tells more"
                              : "has no memory for its frames",
                  status);
  }
  for (const std::unique_ptr<libcamera::FrameBuffer>& buffer : allocator_->buffers(stream_.stream)) {
    auto mapped = MappedBuffer::Map(*buffer);
    if (!mapped) return Failed(mapped.error().code, mapped.error().message);
    std::unique_ptr<libcamera::Request> request = camera_->createRequest();
    if (request == nullptr) return Failed(ErrorCode::kIo, "gives no capture request");
    if (const int status = request->addBuffer(stream_.stream, buffer.get()); status != 0) {
      return Failed("refuses its own frame buffer", status);
    }
    mapped_.emplace(buffer.get(), std::move(mapped).value());
    requests_.push_back(std::move(request));
  }
  return {};
}

Result<void> CameraSource::Start() {
  listener_->source = this;
  camera_->requestCompleted.connect(this, [listener = listener_](libcamera::Request* request) {
    const std::lock_guard lock(listener->mutex);
    if (listener->source != nullptr) listener->source->OnCompleted(request);
  });
  camera_->disconnected.connect(this, [listener = listener_] {
    const std::lock_guard lock(listener->mutex);
    if (listener->source != nullptr) listener->source->OnDisconnected();
  });
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
    if (stopping_ || gone_ || !pacer_.Admit(request, SteadyClock::now())) return;
  }
  Queue(request);
}

void CameraSource::Queue(libcamera::Request* request) {
  request->reuse(libcamera::Request::ReuseBuffers);
  // A failure shows as missing frames, and Next() says so after its time-out.
  static_cast<void>(camera_->queueRequest(request));
}

void CameraSource::OnCompleted(libcamera::Request* request) {
  libcamera::Request* unread = nullptr;
  const bool cancelled = request->status() == libcamera::Request::RequestCancelled;
  const bool damaged =
      cancelled || request->buffers().begin()->second->metadata().status == libcamera::FrameMetadata::FrameError;
  {
    const std::lock_guard lock(mutex_);
    // What stop() takes back comes so, too. Else it was not asked for, and the camera would soon be without requests.
    if (cancelled && (stopping_ || gone_)) return;
    if (damaged) {
      ++stats_.skipped;
      stats_.last_error = StrCat(what_, cancelled ? ": gave up a frame" : ": gave a damaged frame");
      unread = request;
    } else {
      unread = std::exchange(latest_, request);
      if (unread != nullptr) ++stats_.dropped;
      ++completed_;
      latest_time_ = SteadyClock::now();
    }
  }
  if (unread != nullptr) Requeue(unread);
  // Also for a request that waits for its turn: whoever waits must know when that is.
  changed_.notify_one();
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
  frame.colour = stream_.colour;
  frame.format = *stream_.format;
  frame.width = stream_.width;
  frame.height = stream_.height;
  size_t size = 0;
  for (size_t p = 0; p < PlaneCount(frame.format); ++p) {
    frame.planes[p] = {size, RowBytes(frame.format, p, frame.width)};
    size += RowBytes(frame.format, p, frame.width) * RowCount(frame.format, p, frame.height);
  }
  const auto pixels = pool_.Take(size);
  // Some pipelines describe each plane, others one buffer with the planes one after another.
  const bool apart = buffer.planes().size() >= PlaneCount(frame.format);
  size_t at = 0;
  for (size_t p = 0; p < PlaneCount(frame.format); ++p) {
    const size_t stride = StrideOfPlane(frame.format, p, stream_.stride);
    const size_t rows = RowCount(frame.format, p, frame.height);
    std::span<const uint8_t> plane = buffer.planes()[apart ? p : 0];
    if (!apart) plane = plane.subspan(std::min(at, plane.size()));
    if (stride < frame.planes[p].stride || plane.size() < (rows - 1) * stride + frame.planes[p].stride) {
      return Unexpected(ErrorCode::kIo, "gives frame buffers too small for its own format");
    }
    CopyPlane(frame.format, p, frame.width, frame.height, plane.data(), stride,
              stream_.software_flips && controls_.hflip, stream_.software_flips && controls_.vflip,
              pixels->data() + frame.planes[p].offset);
    at += rows * stride;
  }
  frame.storage = pixels;
  return frame;
}

Result<Frame> CameraSource::DecodeJpeg(std::span<const uint8_t> bytes) {
  return jpeg_.DecodeFrame(std::as_bytes(bytes), stream_.width, stream_.height,
                           stream_.software_flips && controls_.hflip, stream_.software_flips && controls_.vflip,
                           Limits(), pool_);
}

Result<Frame> CameraSource::Read(const libcamera::FrameBuffer& buffer) {
  const MappedBuffer& mapped = mapped_.at(&buffer);
  // Some pipelines leave garbage there; a JPEG has its end within itself.
  const auto written = buffer.metadata().planes();
  const size_t used = written.empty() ? 0 : written[0].bytesused;
  const std::span<const uint8_t> plane = mapped.planes()[0];
  mapped.BeginRead();
  auto frame = stream_.format ? Copy(mapped) : DecodeJpeg(used > 0 && used <= plane.size() ? plane.first(used) : plane);
  mapped.EndRead();
  return frame;
}

Result<std::optional<CameraSource::Taken>> CameraSource::Take(const std::stop_token& stop,
                                                              SteadyClock::time_point deadline,
                                                              const std::string& last_problem) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stop.stop_requested()) return std::optional<Taken>();
    if (gone_) return Failed(ErrorCode::kIo, "went away; plug it in again");
    const auto now = SteadyClock::now();
    if (libcamera::Request* const due = pacer_.TakeDue(now)) {
      lock.unlock();
      Queue(due);
      lock.lock();
      continue;
    }
    if (latest_ != nullptr) return std::optional(Taken{std::exchange(latest_, nullptr), completed_ - 1, latest_time_});
    if (now >= deadline) {
      return Failed(ErrorCode::kIo, StrCat("gave no ", last_problem.empty() ? "" : "usable ", "frame for ",
                                           std::chrono::duration<double>(timeout_).count(), " seconds",
                                           last_problem.empty() ? "; see its cable and whether another program uses it"
                                                                : StrCat("; the last was ", last_problem)));
    }
    const auto due = pacer_.next_due();
    changed_.wait_until(lock, stop, due ? std::min(*due, deadline) : deadline,
                        [&] { return latest_ != nullptr || gone_ || pacer_.next_due() != due; });
  }
}

Result<std::optional<Frame>> CameraSource::Next(std::stop_token stop) {
  const auto deadline = SteadyClock::now() + timeout_;
  std::string last_problem;
  while (true) {
    GLIMPSE_ASSIGN_OR_RETURN(const std::optional<Taken> taken, Take(stop, deadline, last_problem));
    if (!taken) return std::optional<Frame>();
    const libcamera::FrameBuffer& buffer = *taken->request->buffers().begin()->second;
    auto frame = Read(buffer);
    const SensorFacts sensor = SensorFactsOf(taken->request->metadata());
    const auto stamp_ns = sensor.timestamp_ns.value_or(static_cast<int64_t>(buffer.metadata().timestamp));
    Requeue(taken->request);
    if (!frame && frame.error().code == ErrorCode::kIo) return Failed(frame.error().code, frame.error().message);
    if (!frame) {
      last_problem = frame.error().message;
      const std::lock_guard lock(mutex_);
      ++stats_.skipped;
      stats_.last_error = StrCat(what_, ": ", last_problem);
      continue;
    }
    frame->origin = camera_->id();
    frame->sequence = taken->sequence;
    frame->sensor = sensor;
    // Drivers stamp frames by the steady clock; some pipelines leave garbage there.
    const SteadyClock::time_point stamp{std::chrono::nanoseconds(stamp_ns)};
    const bool sound = stamp <= taken->completed && stamp > taken->completed - std::chrono::seconds(1);
    frame->captured = sound ? stamp : taken->completed;
    if (!sound) frame->sensor.timestamp_ns.reset();
    frame->time = std::chrono::system_clock::now() -
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(SteadyClock::now() - frame->captured);
    const std::lock_guard lock(mutex_);
    ++stats_.frames;
    return std::optional<Frame>(std::move(frame).value());
  }
}

Result<void> CameraSource::Restart() {
  if (!MayStop()) return Failed(ErrorCode::kIo, "went away, and libcamera does not notice");
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
    pacer_.Reset();
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
