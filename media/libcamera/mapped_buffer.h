// SPDX-License-Identifier: Apache-2.0
// MappedBuffer: a camera's frame buffer in our memory.
#pragma once

#include <libcamera/framebuffer.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace glimpse::media {

// Maps every plane of a libcamera::FrameBuffer for reading until destroyed. Planes that share a descriptor share the
// mapping.
class MappedBuffer {
 public:
  // Errors: kIo.
  static Result<MappedBuffer> Map(const libcamera::FrameBuffer& buffer);

  MappedBuffer(MappedBuffer&&) noexcept = default;
  MappedBuffer& operator=(MappedBuffer&&) noexcept = default;

  // The bytes of each plane, as libcamera counts planes.
  const std::vector<std::span<const uint8_t>>& planes() const { return planes_; }

  // Around each reading: tells the kernel to make the camera's writes visible to the processor.
  void BeginRead() const { Sync(true); }
  void EndRead() const { Sync(false); }

 private:
  struct Unmap {
    size_t size = 0;
    void operator()(void* address) const;
  };
  struct Mapping {
    int fd = -1;  // the buffer's
    std::unique_ptr<void, Unmap> memory;
  };
  MappedBuffer() = default;
  void Sync(bool begin) const;

  std::vector<Mapping> mappings_;
  std::vector<std::span<const uint8_t>> planes_;
};

}  // namespace glimpse::media
