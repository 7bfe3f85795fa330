// SPDX-License-Identifier: Apache-2.0
// A V4L2 camera without hardware or kernel: gives the frames that a script says, with the faults that a camera has.
#pragma once

#include <linux/videodev2.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "media/v4l2/device.h"

namespace glimpse::media {

// While one of these lives, the memory that this thread takes is the fake's, not the source's.
class Uncounted {
 public:
  Uncounted() { ++depth; }
  ~Uncounted() { --depth; }
  static inline thread_local int depth = 0;
};

// What the camera does when it is next waited for.
struct FakeEvent {
  enum class What {
    kFrame,    // a whole frame, its pixels by FakeCamera::paint
    kTorn,     // one that says it is shorter than a frame
    kDamaged,  // one with the driver's mark of an error
    kTooLong,  // one that says it is longer than its buffer
    kNothing,  // no frame until the time is over
    kError,    // DQBUF fails with `error`, once
    kGone,     // unplugged: everything fails with ENODEV from now on
    kWrongIndex,
  } what = What::kFrame;
  int count = 1;  // so many frames at once: all but the newest are late
  int error = EIO;
};

// State that outlives the device file: a camera can be closed, unplugged and opened again. Thread-safe where it is used
// by the tests' thread and the source's.
struct FakeCamera {
  std::string card = "Fake camera";
  std::vector<uint32_t> formats = {V4L2_PIX_FMT_YUYV};
  uint32_t width = 64, height = 48;  // what it makes of any size
  uint32_t padding = 0;              // bytes at the end of each row
  uint32_t colorspace = V4L2_COLORSPACE_SRGB;
  uint32_t quantization = V4L2_QUANTIZATION_DEFAULT;
  uint32_t capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  uint32_t buffers = 4;
  double max_rate = 30;
  std::map<uint32_t, std::pair<int, int>> controls;  // id -> minimum, maximum
  std::map<unsigned long, int> failing;              // ioctl -> errno, as long as it stands here
  int open_error = 0;
  bool bad_stamps = false;
  // Fills a frame's buffer; `bytes` has the whole of it.
  std::function<std::vector<uint8_t>(uint64_t number, const v4l2_pix_format& pix)> paint;

  std::mutex mutex;  // guards what follows
  std::deque<FakeEvent> script;
  FakeEvent otherwise;  // when the script is empty
  bool gone = false;
  std::map<uint32_t, int> set;
  int opens = 0, stream_starts = 0, stream_stops = 0, leaked_maps = 0;

  void Then(FakeEvent event) {
    const std::lock_guard lock(mutex);
    script.push_back(event);
  }
};

class FakeV4l2Device : public V4l2Device {
 public:
  explicit FakeV4l2Device(std::shared_ptr<FakeCamera> camera) : camera_(std::move(camera)) {}
  ~FakeV4l2Device() override {
    const std::lock_guard lock(camera_->mutex);
    camera_->leaked_maps += mapped_;
  }

  int Control(unsigned long request, void* argument) override {
    const Uncounted uncounted;
    const std::lock_guard lock(camera_->mutex);
    if (camera_->gone) return ENODEV;
    if (const auto found = camera_->failing.find(request); found != camera_->failing.end()) return found->second;
    switch (request) {
      case VIDIOC_QUERYCAP: {
        auto& capability = *static_cast<v4l2_capability*>(argument);
        camera_->card.copy(reinterpret_cast<char*>(capability.card), sizeof(capability.card) - 1);
        capability.capabilities = camera_->capabilities | V4L2_CAP_DEVICE_CAPS;
        capability.device_caps = camera_->capabilities;
        return 0;
      }
      case VIDIOC_ENUM_FMT: {
        auto& format = *static_cast<v4l2_fmtdesc*>(argument);
        if (format.index >= camera_->formats.size()) return EINVAL;
        format.pixelformat = camera_->formats[format.index];
        return 0;
      }
      case VIDIOC_ENUM_FRAMESIZES: {
        auto& size = *static_cast<v4l2_frmsizeenum*>(argument);
        if (size.index > 0) return EINVAL;
        size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
        size.discrete = {camera_->width, camera_->height};
        return 0;
      }
      case VIDIOC_ENUM_FRAMEINTERVALS: {
        auto& interval = *static_cast<v4l2_frmivalenum*>(argument);
        if (interval.index > 0) return EINVAL;
        interval.type = V4L2_FRMIVAL_TYPE_DISCRETE;
        interval.discrete = {1000, static_cast<uint32_t>(camera_->max_rate * 1000)};
        return 0;
      }
      case VIDIOC_TRY_FMT:
      case VIDIOC_S_FMT:
        return SetFormat(*static_cast<v4l2_format*>(argument));
      case VIDIOC_G_PARM:
      case VIDIOC_S_PARM:
        return ENOTTY;
      case VIDIOC_QUERYCTRL: {
        auto& query = *static_cast<v4l2_queryctrl*>(argument);
        const auto found = camera_->controls.find(query.id);
        if (found == camera_->controls.end()) return EINVAL;
        query.minimum = found->second.first;
        query.maximum = found->second.second;
        return 0;
      }
      case VIDIOC_S_CTRL: {
        const auto& control = *static_cast<v4l2_control*>(argument);
        camera_->set[control.id] = control.value;
        return 0;
      }
      case VIDIOC_REQBUFS:
        static_cast<v4l2_requestbuffers*>(argument)->count = camera_->buffers;
        memory_.assign(camera_->buffers, std::vector<uint8_t>(pix_.sizeimage));
        return 0;
      case VIDIOC_QUERYBUF: {
        auto& buffer = *static_cast<v4l2_buffer*>(argument);
        buffer.length = pix_.sizeimage;
        buffer.m.offset = buffer.index * 4096;
        return 0;
      }
      case VIDIOC_QBUF: {
        const uint32_t index = static_cast<v4l2_buffer*>(argument)->index;
        if (index >= memory_.size() || !queued_set_.insert(index).second) return EINVAL;
        queued_.push_back(index);
        return 0;
      }
      case VIDIOC_STREAMON:
        streaming_ = true;
        ++camera_->stream_starts;
        return 0;
      case VIDIOC_STREAMOFF:
        streaming_ = false;
        ++camera_->stream_stops;
        queued_.clear();
        queued_set_.clear();
        ready_.clear();
        return 0;
      case VIDIOC_DQBUF:
        return Dequeue(*static_cast<v4l2_buffer*>(argument));
      default:
        return ENOTTY;
    }
  }

  const uint8_t* Map(size_t length, int64_t offset, int* error) override {
    const auto index = static_cast<size_t>(offset / 4096);
    *error = index < memory_.size() && length == memory_[index].size() ? 0 : EINVAL;
    if (*error != 0) return nullptr;
    ++mapped_;
    return memory_[index].data();
  }
  void Unmap(const uint8_t*, size_t) override { --mapped_; }

  // Never waits: a time that is over is what a test wants to see.
  Ready Wait(std::chrono::steady_clock::time_point, const std::stop_token& stop) override {
    const Uncounted uncounted;
    if (stop.stop_requested()) return Ready::kStopped;
    const std::lock_guard lock(camera_->mutex);
    if (camera_->gone) return Ready::kError;
    FakeEvent event = camera_->otherwise;
    if (!camera_->script.empty()) {
      event = camera_->script.front();
      camera_->script.pop_front();
    }
    if (event.what == FakeEvent::What::kNothing || !streaming_) return Ready::kTimeout;
    if (event.what == FakeEvent::What::kGone) {
      camera_->gone = true;
      return Ready::kError;
    }
    for (int i = 0; i < event.count; ++i) ready_.push_back(event);
    return Ready::kFrame;
  }

 private:
  int SetFormat(v4l2_format& format) {
    v4l2_pix_format& pix = format.fmt.pix;
    bool known = false;
    for (const uint32_t each : camera_->formats) known = known || each == pix.pixelformat;
    if (!known) pix.pixelformat = camera_->formats.at(0);
    pix.width = camera_->width;
    pix.height = camera_->height;
    pix.colorspace = camera_->colorspace;
    pix.quantization = camera_->quantization;
    const bool packed = pix.pixelformat == V4L2_PIX_FMT_YUYV || pix.pixelformat == V4L2_PIX_FMT_UYVY;
    pix.bytesperline = pix.width * (packed ? 2 : pix.pixelformat == V4L2_PIX_FMT_RGB24 ? 3 : 1) + camera_->padding;
    const bool halved = pix.pixelformat == V4L2_PIX_FMT_YUV420 || pix.pixelformat == V4L2_PIX_FMT_NV12;
    pix.sizeimage = pix.bytesperline * pix.height * (halved ? 3 : 2) / 2;
    if (pix.pixelformat == V4L2_PIX_FMT_MJPEG) {
      pix.bytesperline = 0;
      pix.sizeimage = 1u << 20;
    }
    pix_ = pix;
    return 0;
  }

  int Dequeue(v4l2_buffer& buffer) {
    if (ready_.empty() || queued_.empty()) return EAGAIN;
    const FakeEvent event = ready_.front();
    ready_.pop_front();
    if (event.what == FakeEvent::What::kError) return event.error;
    const uint32_t index = queued_.front();
    queued_.pop_front();
    queued_set_.erase(index);
    const std::vector<uint8_t> pixels =
        camera_->paint ? camera_->paint(number_, pix_) : std::vector<uint8_t>(pix_.sizeimage, uint8_t{128});
    std::copy_n(pixels.begin(), std::min(pixels.size(), memory_[index].size()), memory_[index].begin());
    buffer.index = event.what == FakeEvent::What::kWrongIndex ? 77 : index;
    buffer.bytesused = static_cast<uint32_t>(pixels.size());
    buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    if (event.what == FakeEvent::What::kTorn) buffer.bytesused /= 2;
    if (event.what == FakeEvent::What::kTooLong) buffer.bytesused = pix_.sizeimage + 1;
    if (event.what == FakeEvent::What::kDamaged) buffer.flags |= V4L2_BUF_FLAG_ERROR;
    buffer.sequence = static_cast<uint32_t>(number_++);
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch() - std::chrono::milliseconds(7));
    buffer.timestamp.tv_sec = static_cast<time_t>(camera_->bad_stamps ? 1 : now.count() / 1000000);
    buffer.timestamp.tv_usec = static_cast<suseconds_t>(now.count() % 1000000);
    return 0;
  }

  const std::shared_ptr<FakeCamera> camera_;
  v4l2_pix_format pix_{};
  std::vector<std::vector<uint8_t>> memory_;
  std::deque<uint32_t> queued_;
  std::set<uint32_t> queued_set_;  // the same: nothing may be queued twice
  std::deque<FakeEvent> ready_;
  uint64_t number_ = 0;
  bool streaming_ = false;
  std::atomic<int> mapped_{0};
};

class FakeV4l2Devices : public V4l2Devices {
 public:
  std::map<std::string, std::shared_ptr<FakeCamera>> cameras;

  std::shared_ptr<FakeCamera> Plug(const std::string& path) { return cameras[path] = std::make_shared<FakeCamera>(); }
  std::vector<std::string> List() override {
    std::vector<std::string> paths;
    for (const auto& [path, camera] : cameras) paths.push_back(path);
    return paths;
  }
  std::unique_ptr<V4l2Device> Open(const std::string& path, int* error) override {
    const auto found = cameras.find(path);
    *error = ENOENT;
    if (found == cameras.end()) return nullptr;
    const std::lock_guard lock(found->second->mutex);
    *error = found->second->gone ? ENODEV : found->second->open_error;
    if (*error != 0) return nullptr;
    ++found->second->opens;
    return std::make_unique<FakeV4l2Device>(found->second);
  }
};

}  // namespace glimpse::media
