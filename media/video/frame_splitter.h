// SPDX-License-Identifier: Apache-2.0
// FrameSplitter: where one frame ends and the next begins in a stream of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/frame.h"
#include "media/limits.h"

namespace glimpse::media {

// What the frames of a stream are.
struct VideoLayout {
  enum class Kind { kRaw, kY4m, kMjpeg };
  Kind kind = Kind::kRaw;
  // Of kRaw and kY4m:
  PixelFormat format = PixelFormat::kGrey8;
  int width = 0, height = 0;
  Colour colour;
  size_t frame_bytes = 0;
};

// Raw frames without anything between them. Errors: kExhausted when they are larger than `limits` allow.
Result<VideoLayout> RawLayout(PixelFormat format, int width, int height, const Limits& limits);

// The first line of a Y4M stream ("YUV4MPEG2 W640 H480 F30:1 C420jpeg"), without its line feed. Luma and chroma are in
// limited range unless XCOLORRANGE=FULL says otherwise, as mjpegtools defines them. Errors: kInvalidArgument for
// nonsense, kUnsupported for a colour space other than 420, 422, 444 and mono of 8 bits, kExhausted as above.
Result<VideoLayout> ReadY4mHeader(std::string_view line, const Limits& limits);

// Finds the end of a JPEG that comes in pieces, by its markers. A picture within a picture (a thumbnail in a camera's
// own segment) is passed over.
class JpegScanner {
 public:
  enum class State { kMore, kDone, kBroken };
  // `bytes` begin where the JPEG does and are those of the call before with more at the end.
  State Scan(std::span<const uint8_t> bytes);
  size_t end() const { return at_; }  // with kDone: one past its last byte
  void Reset() { *this = JpegScanner(); }

 private:
  size_t at_ = 0;
  bool in_scan_ = false;  // in the compressed data, where only few markers mean something
};

// Not thread-safe.
class FrameSplitter {
 public:
  // Without a layout the first bytes tell: "YUV4MPEG2" or the start of a JPEG.
  FrameSplitter(std::optional<VideoLayout> layout, const Limits& limits) : given_(layout), limits_(limits) { Reset(); }

  // One frame: where it begins in the stream, and its bytes, of the layout that layout() tells. They stay as they are
  // until the next Feed().
  struct Piece {
    uint64_t offset = 0;
    std::span<const uint8_t> bytes;
  };

  void Feed(std::span<const uint8_t> bytes);
  // The next frame that is complete, if there is one. Errors: kInvalidArgument for a stream that is none of these, and
  // for damage after which no frame can be found; kExhausted for a frame larger than the limits allow.
  Result<std::optional<Piece>> Next();
  // Bytes that are not yet a frame.
  size_t pending_bytes() const { return pending_.size() - begin_; }
  // How often something was passed over that is no frame.
  uint64_t skipped() const { return skipped_; }
  const std::optional<VideoLayout>& layout() const { return layout_; }
  // Forgets everything but the layout that was given: another stream begins.
  void Reset();

 private:
  std::span<const uint8_t> Rest() const { return std::span(pending_).subspan(begin_); }
  Piece Take(size_t from, size_t bytes);
  // A line that ends within `limit` bytes; nothing when more bytes are needed. Errors: kInvalidArgument.
  Result<std::optional<std::string>> TakeLine(const char* what);
  Result<bool> FindLayout();
  // Goes on to where a frame or a stream of Y4M begins: one writer of a FIFO may follow upon another that ended within
  // a frame, and nothing but such a mark tells. False: it has not come yet.
  bool FindY4mMark();
  Result<std::optional<Piece>> NextY4m();
  Result<std::optional<Piece>> NextJpeg();

  const std::optional<VideoLayout> given_;
  const Limits limits_;
  std::optional<VideoLayout> layout_;
  std::vector<uint8_t> pending_;
  size_t begin_ = 0;       // of what was not yet taken
  uint64_t offset_ = 0;    // of pending_[0] in the stream
  bool in_frame_ = false;  // Y4M: the frame's own line was read
  bool lost_ = false;      // Y4M: looking for where it goes on
  JpegScanner scanner_;
  uint64_t skipped_ = 0;
};

}  // namespace glimpse::media
