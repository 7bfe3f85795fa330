// SPDX-License-Identifier: Apache-2.0
// JPEG through libjpeg-turbo's TurboJPEG interface, which reports errors by return value.
#include <turbojpeg.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/decoders.h"
#include "media/jpeg_header.h"

namespace glimpse::media::internal {
namespace {

struct DestroyHandle {
  void operator()(void* handle) const { tjDestroy(handle); }
};

}  // namespace

Unexpected JpegError(const std::string& name, void* handle) {
  return Unexpected(ErrorCode::kInvalidArgument,
                    StrCat(name, ": not a sound JPEG: ", Printable(tjGetErrorStr2(handle))));
}

Result<JpegHeader> ReadJpegHeader(void* handle, std::span<const std::byte> bytes, const std::string& name,
                                  const Limits& limits) {
  if (handle == nullptr) return Unexpected(ErrorCode::kExhausted, StrCat(name, ": no memory for the JPEG decoder"));
  JpegHeader header;
  if (tjDecompressHeader3(handle, reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<unsigned long>(bytes.size()), &header.width, &header.height, &header.subsampling,
                          &header.colour_space) != 0 ||
      header.width < 0 || header.height < 0) {
    return JpegError(name, handle);
  }
  GLIMPSE_RETURN_IF_ERROR(
      CheckSize(static_cast<uint64_t>(header.width), static_cast<uint64_t>(header.height), name, limits));
  return header;
}

Result<Frame> DecodeJpeg(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  const std::unique_ptr<void, DestroyHandle> handle(tjInitDecompress());
  GLIMPSE_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(handle.get(), bytes, name, limits));
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto size = static_cast<unsigned long>(bytes.size());
  if (header.colour_space == TJCS_CMYK || header.colour_space == TJCS_YCCK) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": a CMYK JPEG; save it as RGB or grey"));
  }
  const bool grey = header.colour_space == TJCS_GRAY;
  const PixelFormat format = grey ? PixelFormat::kGrey8 : PixelFormat::kRgb24;
  std::vector<uint8_t> pixels(RowBytes(format, 0, header.width) * static_cast<size_t>(header.height));
  // A warning means missing or damaged data, painted over with grey: half a picture must not be classified. The scan
  // limit is for progressive files of a few kilobytes that would keep the decoder busy for minutes.
  const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
  if (tjDecompress2(handle.get(), data, size, pixels.data(), header.width, 0, header.height,
                    grey ? TJPF_GRAY : TJPF_RGB, flags) != 0) {
    return JpegError(name, handle.get());
  }
  return MakeFrame(format, header.width, header.height, std::move(pixels));
}

}  // namespace glimpse::media::internal
