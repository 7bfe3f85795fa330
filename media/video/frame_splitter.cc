// SPDX-License-Identifier: Apache-2.0
#include "media/video/frame_splitter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/strings.h"
#include "media/decoders.h"

namespace glimpse::media {
namespace {

constexpr std::string_view kY4mMagic = "YUV4MPEG2";
constexpr std::string_view kY4mFrame = "FRAME";
constexpr size_t kMaxLine = 1024;
constexpr uint8_t kMarker = 0xff, kStart = 0xd8, kEnd = 0xd9, kScan = 0xda, kAlone = 0x01;

bool IsRestart(uint8_t code) { return code >= 0xd0 && code <= 0xd7; }

Unexpected Malformed(const std::string& why) { return Unexpected(ErrorCode::kInvalidArgument, why); }

std::optional<int> ReadSide(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

std::optional<PixelFormat> FormatOfY4m(std::string_view name) {
  // Where the chroma samples lie between the luma samples differs among these; we take the nearest one anyway.
  if (name == "420" || name == "420jpeg" || name == "420mpeg2" || name == "420paldv") return PixelFormat::kYuv420;
  if (name == "422") return PixelFormat::kYuv422;
  if (name == "444") return PixelFormat::kYuv444;
  if (name == "mono") return PixelFormat::kGrey8;
  return std::nullopt;
}

}  // namespace

Result<VideoLayout> RawLayout(PixelFormat format, int width, int height, const Limits& limits) {
  GLIMPSE_RETURN_IF_ERROR(
      internal::CheckSize(static_cast<uint64_t>(width), static_cast<uint64_t>(height), "the stream", limits));
  VideoLayout layout;
  layout.format = format;
  layout.width = width;
  layout.height = height;
  layout.frame_bytes = PictureBytes(format, width, height).value_or(0);
  return layout;
}

Result<VideoLayout> ReadY4mHeader(std::string_view line, const Limits& limits) {
  std::optional<int> width;
  std::optional<int> height;
  std::string colour_space = "420";
  bool full_range = false;
  for (const std::string& word : StrSplit(line.substr(std::min(line.size(), kY4mMagic.size())), ' ')) {
    if (word.empty()) continue;
    const std::string value = word.substr(1);
    if (word[0] == 'W') width = ReadSide(value);
    if (word[0] == 'H') height = ReadSide(value);
    if (word[0] == 'C') colour_space = value;
    if (word == "XCOLORRANGE=FULL") full_range = true;
  }
  if (!line.starts_with(kY4mMagic) || !width || !height) {
    return Malformed(StrCat("its first line is no Y4M header with a width and a height: ", Printable(line, 80)));
  }
  const auto format = FormatOfY4m(colour_space);
  if (!format) {
    return Unexpected(ErrorCode::kUnsupported, StrCat("its colour space is ", Printable(colour_space, 40),
                                                      "; 420, 422, 444 and mono with 8 bits are read"));
  }
  GLIMPSE_ASSIGN_OR_RETURN(VideoLayout layout, RawLayout(*format, *width, *height, limits));
  layout.kind = VideoLayout::Kind::kY4m;
  layout.colour.range = full_range ? Range::kFull : Range::kLimited;
  return layout;
}

JpegScanner::State JpegScanner::Scan(std::span<const uint8_t> bytes) {
  while (true) {
    if (at_ + 2 > bytes.size()) return State::kMore;
    const uint8_t code = bytes[at_ + 1];
    if (at_ == 0) {
      if (bytes[0] != kMarker || code != kStart) return State::kBroken;
      at_ = 2;
      continue;
    }
    if (in_scan_) {
      const auto marker = std::find(bytes.begin() + static_cast<std::ptrdiff_t>(at_), bytes.end(), kMarker);
      at_ = static_cast<size_t>(marker - bytes.begin());
      if (at_ + 2 > bytes.size()) return State::kMore;
      const uint8_t next = bytes[at_ + 1];
      if (next == kMarker) {
        ++at_;  // filling
      } else if (next == 0 || IsRestart(next)) {
        at_ += 2;
      } else {
        in_scan_ = false;
      }
      continue;
    }
    if (bytes[at_] != kMarker || code == 0 || code == kStart) return State::kBroken;
    if (code == kMarker) {
      ++at_;
    } else if (code == kEnd) {
      at_ += 2;
      return State::kDone;
    } else if (code == kAlone || IsRestart(code)) {
      at_ += 2;
    } else {
      if (at_ + 4 > bytes.size()) return State::kMore;
      const size_t length = static_cast<size_t>(bytes[at_ + 2]) << 8 | bytes[at_ + 3];
      if (length < 2) return State::kBroken;
      if (at_ + 2 + length > bytes.size()) return State::kMore;
      at_ += 2 + length;
      in_scan_ = code == kScan;
    }
  }
}

void FrameSplitter::Reset() {
  layout_ = given_;
  pending_.clear();
  begin_ = 0;
  offset_ = 0;
  in_frame_ = false;
  lost_ = false;
  scanner_.Reset();
}

void FrameSplitter::Feed(std::span<const uint8_t> bytes) {
  offset_ += begin_;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

FrameSplitter::Piece FrameSplitter::Take(size_t from, size_t bytes) {
  const Piece piece{offset_ + begin_ + from, Rest().subspan(from, bytes)};
  begin_ += from + bytes;
  return piece;
}

Result<std::optional<std::string>> FrameSplitter::TakeLine(const char* what) {
  const auto rest = Rest();
  const auto end = std::find(rest.begin(), rest.end(), uint8_t{'\n'});
  const auto length = static_cast<size_t>(end - rest.begin());
  if (length > kMaxLine) return Malformed(StrCat("its ", what, " has no end within ", kMaxLine, " bytes"));
  if (end == rest.end()) return std::optional<std::string>();
  std::string line(rest.begin(), end);
  begin_ += length + 1;
  return std::optional<std::string>(std::move(line));
}

Result<bool> FrameSplitter::FindLayout() {
  if (layout_) return true;
  const auto rest = Rest();
  if (rest.size() < kY4mMagic.size()) return false;
  if (rest[0] == kMarker && rest[1] == kStart) {
    layout_ = VideoLayout{};
    layout_->kind = VideoLayout::Kind::kMjpeg;
    return true;
  }
  if (!std::equal(kY4mMagic.begin(), kY4mMagic.end(), rest.begin())) {
    return Malformed("it is neither Y4M nor MJPEG; for raw frames set 'format' and 'size'");
  }
  GLIMPSE_ASSIGN_OR_RETURN(const auto line, TakeLine("first line"));
  if (!line) return false;
  GLIMPSE_ASSIGN_OR_RETURN(layout_, ReadY4mHeader(*line, limits_));
  return true;
}

bool FrameSplitter::FindY4mMark() {
  const auto rest = Rest();
  if (rest.size() < kY4mMagic.size()) return false;
  const auto find = [&](std::string_view mark) {
    return std::search(rest.begin(), rest.end(), mark.begin(), mark.end());
  };
  const auto next = std::min(find(kY4mFrame), find(kY4mMagic));
  if (next == rest.begin()) return true;
  if (!lost_) ++skipped_;
  lost_ = next == rest.end();
  // The first half of a mark may be at the end.
  begin_ += lost_ ? rest.size() - (kY4mMagic.size() - 1) : static_cast<size_t>(next - rest.begin());
  return !lost_;
}

Result<std::optional<FrameSplitter::Piece>> FrameSplitter::NextY4m() {
  while (!in_frame_) {
    if (!FindY4mMark()) return std::optional<Piece>();
    lost_ = false;
    GLIMPSE_ASSIGN_OR_RETURN(const auto line, TakeLine("frame's line"));
    if (!line) return std::optional<Piece>();
    if (line->starts_with(kY4mMagic)) {
      GLIMPSE_ASSIGN_OR_RETURN(layout_, ReadY4mHeader(*line, limits_));
    } else {
      in_frame_ = true;
    }
  }
  if (pending_bytes() < layout_->frame_bytes) return std::optional<Piece>();
  in_frame_ = false;
  return std::optional(Take(0, layout_->frame_bytes));
}

Result<std::optional<FrameSplitter::Piece>> FrameSplitter::NextJpeg() {
  while (true) {
    switch (scanner_.Scan(Rest())) {
      case JpegScanner::State::kDone: {
        const size_t length = scanner_.end();
        scanner_.Reset();
        return std::optional(Take(0, length));
      }
      case JpegScanner::State::kMore:
        if (pending_bytes() <= limits_.max_file_bytes) return std::optional<Piece>();
        return Unexpected(ErrorCode::kExhausted,
                          StrCat("a JPEG has no end within the limit of ", limits_.max_file_bytes, " bytes"));
      case JpegScanner::State::kBroken:
        break;
    }
    // On to where the next one begins, if it is there already.
    scanner_.Reset();
    ++skipped_;
    const auto rest = Rest();
    constexpr std::array<uint8_t, 2> kBeginning = {kMarker, kStart};
    const auto next = std::search(rest.begin() + 1, rest.end(), kBeginning.begin(), kBeginning.end());
    begin_ += static_cast<size_t>(next - rest.begin());
    // A first half of a beginning may be the last byte.
    if (next == rest.end() && rest.back() == kMarker) --begin_;
    if (pending_bytes() < 2) return std::optional<Piece>();
  }
}

Result<std::optional<FrameSplitter::Piece>> FrameSplitter::Next() {
  GLIMPSE_ASSIGN_OR_RETURN(const bool known, FindLayout());
  if (!known) return std::optional<Piece>();
  switch (layout_->kind) {
    case VideoLayout::Kind::kY4m:
      return NextY4m();
    case VideoLayout::Kind::kMjpeg:
      return NextJpeg();
    case VideoLayout::Kind::kRaw:
      break;
  }
  if (pending_bytes() < layout_->frame_bytes) return std::optional<Piece>();
  return std::optional(Take(0, layout_->frame_bytes));
}

}  // namespace glimpse::media
