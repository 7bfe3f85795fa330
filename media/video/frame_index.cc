// SPDX-License-Identifier: Apache-2.0
#include "media/video/frame_index.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/strings.h"

namespace glimpse::media {
namespace {

constexpr size_t kHeadBytes = 1025;  // a line of Y4M and its end
constexpr size_t kChunkBytes = 1u << 20;

Result<uint64_t> FileBytes(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return Unexpected(ErrorCode::kIo, std::strerror(errno));
  return static_cast<uint64_t>(info.st_size);
}

Result<void> Add(FrameIndex& index, FrameIndex::Entry entry, const Limits& limits) {
  if (index.frames.size() >= limits.max_video_frames) {
    return Unexpected(ErrorCode::kExhausted, StrCat("it has more frames than the limit of ", limits.max_video_frames));
  }
  index.frames.push_back(entry);
  return {};
}

// The line that begins at `offset`, without its end. Errors: kInvalidArgument when it has none.
Result<std::string> LineAt(int fd, uint64_t offset) {
  std::array<uint8_t, kHeadBytes> head{};
  GLIMPSE_ASSIGN_OR_RETURN(const size_t bytes, ReadAt(fd, offset, head));
  const auto end = std::find(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(bytes), uint8_t{'\n'});
  if (end == head.begin() + static_cast<std::ptrdiff_t>(bytes)) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("at byte ", offset, " there is no line of a Y4M file"));
  }
  return std::string(head.begin(), end);
}

Result<void> IndexRaw(FrameIndex& index, uint64_t size, const Limits& limits) {
  const uint64_t frame = index.layout.frame_bytes;
  for (uint64_t at = 0; at < size; at += frame) {
    GLIMPSE_RETURN_IF_ERROR(Add(index, {at, std::min(frame, size - at)}, limits));
  }
  return {};
}

Result<void> IndexY4m(FrameIndex& index, int fd, uint64_t size, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::string header, LineAt(fd, 0));
  GLIMPSE_ASSIGN_OR_RETURN(index.layout, ReadY4mHeader(header, limits));
  for (uint64_t at = header.size() + 1; at < size;) {
    GLIMPSE_ASSIGN_OR_RETURN(const std::string line, LineAt(fd, at));
    if (!line.starts_with("FRAME")) {
      return Unexpected(ErrorCode::kInvalidArgument,
                        StrCat("at byte ", at, " a frame should begin with FRAME; the file is damaged"));
    }
    at += line.size() + 1;
    GLIMPSE_RETURN_IF_ERROR(Add(index, {at, std::min<uint64_t>(index.layout.frame_bytes, size - at)}, limits));
    at += index.layout.frame_bytes;
  }
  return {};
}

Result<void> IndexMjpeg(FrameIndex& index, int fd, uint64_t size, const Limits& limits) {
  FrameSplitter splitter(index.layout, limits);
  std::vector<uint8_t> chunk(kChunkBytes);
  for (uint64_t at = 0; at < size;) {
    GLIMPSE_ASSIGN_OR_RETURN(const size_t bytes, ReadAt(fd, at, chunk));
    if (bytes == 0) break;  // it became shorter meanwhile
    at += bytes;
    splitter.Feed(std::span(chunk).first(bytes));
    while (true) {
      GLIMPSE_ASSIGN_OR_RETURN(const auto piece, splitter.Next());
      if (!piece) break;
      GLIMPSE_RETURN_IF_ERROR(Add(index, {piece->offset, piece->bytes.size()}, limits));
    }
  }
  const size_t rest = splitter.pending_bytes();
  if (rest > 1) GLIMPSE_RETURN_IF_ERROR(Add(index, {size - rest, rest}, limits));
  return {};
}

}  // namespace

Result<size_t> ReadAt(int fd, uint64_t offset, std::span<uint8_t> into) {
  size_t done = 0;
  while (done < into.size()) {
    const ssize_t bytes = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return Unexpected(ErrorCode::kIo, std::strerror(errno));
    if (bytes == 0) break;
    done += static_cast<size_t>(bytes);
  }
  return done;
}

Result<FrameIndex> FrameIndex::Build(int fd, const std::optional<VideoLayout>& raw, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const uint64_t size, FileBytes(fd));
  FrameIndex index;
  if (raw) {
    index.layout = *raw;
    if (raw->kind == VideoLayout::Kind::kRaw) {
      GLIMPSE_RETURN_IF_ERROR(IndexRaw(index, size, limits));
    } else {
      GLIMPSE_RETURN_IF_ERROR(IndexMjpeg(index, fd, size, limits));
    }
  } else {
    std::array<uint8_t, 16> head{};
    GLIMPSE_ASSIGN_OR_RETURN(const size_t bytes, ReadAt(fd, 0, head));
    constexpr std::string_view kMagic = "YUV4MPEG2";
    if (bytes >= 2 && head[0] == 0xff && head[1] == 0xd8) {
      index.layout.kind = VideoLayout::Kind::kMjpeg;
      GLIMPSE_RETURN_IF_ERROR(IndexMjpeg(index, fd, size, limits));
    } else if (bytes >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), head.begin())) {
      GLIMPSE_RETURN_IF_ERROR(IndexY4m(index, fd, size, limits));
    } else {
      return Unexpected(ErrorCode::kInvalidArgument,
                        "it is neither Y4M nor MJPEG; for raw frames set 'format' and 'size'");
    }
  }
  if (!index.frames.empty()) return index;
  return Unexpected(ErrorCode::kInvalidArgument, "it has no frame");
}

}  // namespace glimpse::media
