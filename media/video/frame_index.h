// SPDX-License-Identifier: Apache-2.0
// FrameIndex: where the frames of a video file are, so that they can be read in any order and round and round.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "media/limits.h"
#include "media/video/frame_splitter.h"

namespace glimpse::media {

struct FrameIndex {
  struct Entry {
    uint64_t offset = 0;
    uint64_t bytes = 0;  // fewer than layout.frame_bytes: the file ends within this frame
  };
  VideoLayout layout;
  std::vector<Entry> frames;

  // Looks through the file `fd`: Y4M from header to header, MJPEG from end to end. `raw` is the layout when the
  // configuration says it. Errors: kIo; kInvalidArgument and kUnsupported as FrameSplitter, also when there is no
  // frame; kExhausted for more frames than limits.max_video_frames.
  static Result<FrameIndex> Build(int fd, const std::optional<VideoLayout>& raw, const Limits& limits);
};

// Reads up to `bytes` bytes at `offset`; fewer at the end. Errors: kIo.
Result<size_t> ReadAt(int fd, uint64_t offset, std::span<uint8_t> into);

}  // namespace glimpse::media
