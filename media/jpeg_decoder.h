// SPDX-License-Identifier: Apache-2.0
// JpegDecoder: the pictures of a stream of JPEGs as they come from a camera, one after another.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "media/frame.h"
#include "media/frame_pool.h"
#include "media/limits.h"

namespace glimpse::media {

namespace internal {
class JpegHandle;
}

// Luma and chroma are taken as the file has them, in a kGrey8, kYuv420, kYuv422 or kYuv444 frame of BT.601 in full
// range, which costs least when luma is all that is wanted; a JPEG of another kind becomes kRgb24. Streams of cameras
// leave out the Huffman tables: the standard's are meant then. Not thread-safe.
class JpegDecoder {
 public:
  JpegDecoder();
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  // The frame's sequence, times and origin are left at zero. Errors: kInvalidArgument "NAME: what is wrong" for data
  // that is cut off or damaged; kExhausted when it is larger than `limits` allow, or memory for the decoder is not
  // to be had; kIo without libjpeg-turbo.
  Result<Frame> Decode(std::span<const std::byte> bytes, const std::string& name, const Limits& limits,
                       FramePool& pool);

  // A frame of a camera whose stream has this size, mirrored as CopyPlane() says. Errors: those of Decode(), and
  // kInvalidArgument for another size: a camera whose size changed on the way would have its regions look elsewhere.
  Result<Frame> DecodeFrame(std::span<const std::byte> bytes, int width, int height, bool hflip, bool vflip,
                            const Limits& limits, FramePool& pool);

 private:
  std::unique_ptr<internal::JpegHandle> handle_;  // null before the first picture
};

}  // namespace glimpse::media
