// SPDX-License-Identifier: Apache-2.0
#include "media/jpeg_decoder.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "media/decoders.h"
#include "media/flip.h"
#include "media/jpeg_handle.h"

namespace glimpse::media {
namespace {

// Bytes between two parts of a picture that belong to none: many webcams leave some, and nothing of the picture is
// lost.
constexpr char kHarmless[] = "extraneous bytes";

std::optional<PixelFormat> FormatOf(int subsampling, int colour_space) {
  if (colour_space == TJCS_GRAY) return PixelFormat::kGrey8;
  if (colour_space != TJCS_YCbCr) return std::nullopt;
  switch (subsampling) {
    case TJSAMP_420:
      return PixelFormat::kYuv420;
    case TJSAMP_422:
      return PixelFormat::kYuv422;
    case TJSAMP_444:
      return PixelFormat::kYuv444;
    default:
      return std::nullopt;
  }
}

}  // namespace

JpegDecoder::JpegDecoder() = default;
JpegDecoder::~JpegDecoder() = default;

Result<Frame> JpegDecoder::Decode(std::span<const std::byte> bytes, const std::string& name, const Limits& limits,
                                  FramePool& pool) {
  if (handle_ == nullptr) {
    GLIMPSE_ASSIGN_OR_RETURN(auto handle, internal::JpegHandle::Create(name));
    handle_ = std::make_unique<internal::JpegHandle>(std::move(handle));
  }
  const internal::TurboJpeg& library = handle_->library();
  GLIMPSE_ASSIGN_OR_RETURN(const internal::JpegHeader header, handle_->ReadHeader(bytes, name, limits));
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto size = static_cast<unsigned long>(bytes.size());
  const auto [width, height, subsampling, colour_space] = header;
  const auto format = FormatOf(subsampling, colour_space);
  if (!format) return internal::DecodeJpeg(bytes, name, limits);
  Frame frame;
  frame.format = *format;
  frame.width = width;
  frame.height = height;
  std::array<unsigned char*, 3> planes{};
  std::array<int, 3> strides{};
  size_t total = 0;
  for (size_t p = 0; p < PlaneCount(*format); ++p) {
    // The decoder's planes are rounded up to whole blocks of chroma, ours may be one pixel smaller.
    strides[p] = library.tjPlaneWidth(static_cast<int>(p), width, subsampling);
    const int rows = library.tjPlaneHeight(static_cast<int>(p), height, subsampling);
    if (strides[p] < 0 || rows < 0) return handle_->FailureOn(name);
    frame.planes[p] = {total, static_cast<size_t>(strides[p])};
    total += static_cast<size_t>(strides[p]) * static_cast<size_t>(rows);
  }
  const auto pixels = pool.Take(total);
  for (size_t p = 0; p < PlaneCount(*format); ++p) planes[p] = pixels->data() + frame.planes[p].offset;
  const auto decode = [&](int flags) {
    return library.tjDecompressToYUVPlanes(handle_->get(), data, size, planes.data(), width, strides.data(), height,
                                           flags | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT);
  };
  // Half a picture must not be classified: a warning means missing or damaged data, painted over with grey.
  const auto harmless = [&] {
    return library.tjGetErrorCode(handle_->get()) == TJERR_WARNING &&
           std::strstr(library.tjGetErrorStr2(handle_->get()), kHarmless) != nullptr;
  };
  if (decode(TJFLAG_STOPONWARNING) != 0 && (!harmless() || (decode(0) != 0 && !harmless())))
    return handle_->FailureOn(name);
  frame.storage = pixels;
  return frame;
}

Result<Frame> JpegDecoder::DecodeFrame(std::span<const std::byte> bytes, int width, int height, bool hflip, bool vflip,
                                       const Limits& limits, FramePool& pool) {
  GLIMPSE_ASSIGN_OR_RETURN(Frame frame, Decode(bytes, "a frame", limits, pool));
  if (frame.width != width || frame.height != height) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("a frame of ", frame.width, "x", frame.height,
                                                          " pixels, the stream is of ", width, "x", height));
  }
  return Flipped(std::move(frame), hflip, vflip, pool);
}

}  // namespace glimpse::media
