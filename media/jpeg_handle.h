// SPDX-License-Identifier: Apache-2.0
// A decoder of libjpeg-turbo, and what both ways of reading a JPEG begin with.
#pragma once

#include <turbojpeg.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/system_library.h"
#include "media/limits.h"

namespace glimpse::media::internal {

// Its TurboJPEG interface, which reports errors by return value.
struct TurboJpeg : SystemLibrary {
  TurboJpeg() : SystemLibrary(GLIMPSE_LIBTURBOJPEG, "JPEG pictures") {}
  GLIMPSE_SYSTEM_FUNCTION(tjInitDecompress);
  GLIMPSE_SYSTEM_FUNCTION(tjDestroy);
  GLIMPSE_SYSTEM_FUNCTION(tjGetErrorStr2);
  GLIMPSE_SYSTEM_FUNCTION(tjGetErrorCode);
  GLIMPSE_SYSTEM_FUNCTION(tjDecompressHeader3);
  GLIMPSE_SYSTEM_FUNCTION(tjDecompress2);
  GLIMPSE_SYSTEM_FUNCTION(tjDecompressToYUVPlanes);
  GLIMPSE_SYSTEM_FUNCTION(tjPlaneWidth);
  GLIMPSE_SYSTEM_FUNCTION(tjPlaneHeight);
};

struct JpegHeader {
  int width = 0;
  int height = 0;
  int subsampling = 0;   // TJSAMP_*
  int colour_space = 0;  // TJCS_*
};

// Movable, not thread-safe.
class JpegHandle {
 public:
  // Errors: kIo without the library, kExhausted without memory.
  static Result<JpegHandle> Create(const std::string& name);

  const TurboJpeg& library() const { return *handle_.get_deleter().library; }
  tjhandle get() const { return handle_.get(); }

  // Errors: kExhausted when the picture is larger than the limits; FailureOn().
  Result<JpegHeader> ReadHeader(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) const;

  // Why the decoder did not take the picture `name`: kInvalidArgument, with its words.
  Unexpected FailureOn(const std::string& name) const;

 private:
  struct Destroy {
    const TurboJpeg* library;
    void operator()(tjhandle handle) const { library->tjDestroy(handle); }
  };
  explicit JpegHandle(std::unique_ptr<void, Destroy> handle) : handle_(std::move(handle)) {}

  std::unique_ptr<void, Destroy> handle_;
};

}  // namespace glimpse::media::internal
