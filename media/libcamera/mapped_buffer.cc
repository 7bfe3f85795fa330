// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/mapped_buffer.h"

#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "base/strings.h"

namespace glimpse::media {

void MappedBuffer::Unmap::operator()(void* address) const { ::munmap(address, size); }

Result<MappedBuffer> MappedBuffer::Map(const libcamera::FrameBuffer& buffer) {
  std::map<int, size_t> ends;  // of each descriptor: how far its planes reach
  for (const libcamera::FrameBuffer::Plane& plane : buffer.planes()) {
    const size_t end = size_t{plane.offset} + plane.length;
    if (!plane.fd.isValid() || plane.offset == libcamera::FrameBuffer::Plane::kInvalidOffset || end == 0) {
      return Unexpected(ErrorCode::kIo, "the camera gave a frame buffer without memory");
    }
    size_t& known = ends[plane.fd.get()];
    known = std::max(known, end);
  }
  MappedBuffer mapped;
  std::map<int, const uint8_t*> starts;
  for (const auto& [fd, size] : ends) {
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
      return Unexpected(ErrorCode::kIo, StrCat("cannot map a frame buffer: ", std::strerror(errno)));
    }
    mapped.mappings_.push_back({fd, std::unique_ptr<void, Unmap>(memory, Unmap{size})});
    starts[fd] = static_cast<const uint8_t*>(memory);
  }
  for (const libcamera::FrameBuffer::Plane& plane : buffer.planes()) {
    mapped.planes_.emplace_back(starts[plane.fd.get()] + plane.offset, plane.length);
  }
  return mapped;
}

void MappedBuffer::Sync(bool begin) const {
  for (const Mapping& mapping : mappings_) {
    dma_buf_sync sync{};
    sync.flags = DMA_BUF_SYNC_READ | (begin ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END);
    int result = 0;
    do {  // memory that is no dma-buf answers ENOTTY and needs no syncing
      result = ::ioctl(mapping.fd, DMA_BUF_IOCTL_SYNC, &sync);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
  }
}

}  // namespace glimpse::media
