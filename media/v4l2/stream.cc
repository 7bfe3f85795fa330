// SPDX-License-Identifier: Apache-2.0
#include "media/v4l2/stream.h"

#include <linux/videodev2.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "media/device_access.h"

namespace glimpse::media {
namespace {

constexpr uint32_t kBuffers = 4;       // one with us, one waiting, two with the camera
constexpr uint32_t kLeastBuffers = 2;  // with one, the camera waits while we copy
constexpr int kMostFailures = 16;      // in a row, before the driver is taken for broken

v4l2_buffer CaptureBuffer(uint32_t index) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

}  // namespace

V4l2Stream::V4l2Stream(std::unique_ptr<V4l2Device> device, std::string path)
    : device_(std::move(device)), path_(std::move(path)) {}

V4l2Stream::~V4l2Stream() {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (streaming_) static_cast<void>(device_->Control(VIDIOC_STREAMOFF, &type));
  for (const Mapping& buffer : buffers_) device_->Unmap(buffer.memory, buffer.length);
}

Unexpected V4l2Stream::Failed(const std::string& what, int error) const {
  if (error == ENODEV) return Unexpected(ErrorCode::kIo, StrCat(path_, " went away; plug it in again"));
  if (error == EBUSY) return Unexpected(ErrorCode::kIo, StrCat(path_, " is ", InUseText(path_), "; end that first"));
  if (error == ENOSPC) {  // what the USB host answers when cameras share one bus
    return Unexpected(ErrorCode::kIo, StrCat(path_, " ", what,
                                             ": its bus has no room for such a stream; ask for a smaller size, fewer "
                                             "frames a second or the format mjpeg"));
  }
  return Unexpected(ErrorCode::kIo, StrCat(path_, " ", what, ": ", std::strerror(error)));
}

Result<std::unique_ptr<V4l2Stream>> V4l2Stream::Start(std::unique_ptr<V4l2Device> device, std::string path) {
  std::unique_ptr<V4l2Stream> stream(new V4l2Stream(std::move(device), std::move(path)));
  GLIMPSE_RETURN_IF_ERROR(stream->AskForBuffers());
  GLIMPSE_RETURN_IF_ERROR(stream->Run());
  return stream;
}

Result<void> V4l2Stream::AskForBuffers() {
  v4l2_requestbuffers request{};
  request.count = kBuffers;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  if (const int error = device_->Control(VIDIOC_REQBUFS, &request); error != 0) {
    return Failed("gives no memory for frames", error);
  }
  if (request.count < kLeastBuffers) {
    return Unexpected(ErrorCode::kIo, StrCat(path_, " has memory for ", request.count, " frames, ", kLeastBuffers,
                                             " are needed; ask for a smaller size"));
  }
  for (uint32_t i = 0; i < request.count; ++i) {
    v4l2_buffer buffer = CaptureBuffer(i);
    if (const int error = device_->Control(VIDIOC_QUERYBUF, &buffer); error != 0) {
      return Failed("does not say where its frames are", error);
    }
    int error = 0;
    const uint8_t* memory = device_->Map(buffer.length, buffer.m.offset, &error);
    if (memory == nullptr) return Failed("cannot show its frames", error);
    buffers_.push_back({memory, buffer.length});
  }
  return {};
}

Result<void> V4l2Stream::Run() {
  for (uint32_t i = 0; i < buffers_.size(); ++i) {
    v4l2_buffer buffer = CaptureBuffer(i);
    if (const int error = device_->Control(VIDIOC_QBUF, &buffer); error != 0) return Failed("takes no buffer", error);
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (const int error = device_->Control(VIDIOC_STREAMON, &type); error != 0) return Failed("does not start", error);
  streaming_ = true;
  failures_in_a_row_ = 0;
  return {};
}

Result<void> V4l2Stream::Restart() {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (const int error = device_->Control(VIDIOC_STREAMOFF, &type); error != 0) return Failed("does not stop", error);
  streaming_ = false;
  return Run();
}

Result<std::optional<V4l2Stream::Taken>> V4l2Stream::TakeOne() {
  v4l2_buffer buffer = CaptureBuffer(0);
  const int error = device_->Control(VIDIOC_DQBUF, &buffer);
  if (error == EAGAIN) return std::optional<Taken>();
  if (error == EIO && ++failures_in_a_row_ < kMostFailures) return std::optional<Taken>();  // passing, as a lost signal
  if (error != 0) return Failed("gives no more frames", error);
  failures_in_a_row_ = 0;
  if (buffer.index >= buffers_.size()) {
    return Unexpected(ErrorCode::kIo, StrCat(path_, " gave a buffer that does not exist, number ", buffer.index));
  }
  Taken taken;
  taken.how = How::kFrame;
  taken.index = buffer.index;
  taken.sequence = buffer.sequence;
  const Mapping& memory = buffers_[buffer.index];
  // A driver that reports more than there is room for is not believed.
  if (buffer.bytesused <= memory.length) taken.bytes = {memory.memory, buffer.bytesused};
  if ((buffer.flags & V4L2_BUF_FLAG_ERROR) != 0) {
    taken.problem = "a damaged frame";
  } else if (buffer.bytesused > memory.length) {
    taken.problem = StrCat("a frame of ", buffer.bytesused, " bytes in a buffer of ", memory.length);
  }
  if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) {
    taken.stamp = std::chrono::steady_clock::time_point(std::chrono::seconds(buffer.timestamp.tv_sec) +
                                                        std::chrono::microseconds(buffer.timestamp.tv_usec));
  }
  return std::optional<Taken>(std::move(taken));
}

Result<V4l2Stream::Taken> V4l2Stream::TakeNewest(std::chrono::steady_clock::time_point deadline,
                                                 const std::stop_token& stop) {
  while (true) {
    const V4l2Device::Ready ready = device_->Wait(deadline, stop);
    if (ready == V4l2Device::Ready::kStopped) return Taken{How::kStopped, 0, {}, "", 0, 0, {}};
    if (ready == V4l2Device::Ready::kTimeout) return Taken{};
    std::optional<Taken> newest;
    uint64_t older = 0;
    while (true) {
      GLIMPSE_ASSIGN_OR_RETURN(auto taken, TakeOne());
      if (!taken) break;
      if (newest) {
        ++older;
        GLIMPSE_RETURN_IF_ERROR(GiveBack(*newest));
      }
      newest = std::move(taken);
      // A camera faster than this loop must not keep it going for ever.
      if (older >= buffers_.size()) break;
    }
    if (newest) {
      newest->older = older;
      return std::move(*newest);
    }
    // A driver that calls but has nothing would turn this into a busy loop.
    if (ready == V4l2Device::Ready::kError && ++failures_in_a_row_ >= kMostFailures) {
      return Failed("reports an error and gives no frames", EIO);
    }
  }
}

Result<void> V4l2Stream::GiveBack(const Taken& taken) {
  v4l2_buffer buffer = CaptureBuffer(taken.index);
  if (const int error = device_->Control(VIDIOC_QBUF, &buffer); error != 0)
    return Failed("takes no buffer back", error);
  return {};
}

}  // namespace glimpse::media
