// SPDX-License-Identifier: Apache-2.0
// JPEG through libjpeg-turbo's TurboJPEG interface, which reports errors by return value.
#include <turbojpeg.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/decoders.h"

namespace glimpse::media::internal {
namespace {

struct DestroyHandle {
  void operator()(void* handle) const { tjDestroy(handle); }
};

Unexpected JpegError(const std::string& name, tjhandle handle) {
  return Unexpected(ErrorCode::kInvalidArgument,
                    StrCat(name, ": not a sound JPEG: ", Printable(tjGetErrorStr2(handle))));
}

}  // namespace

Result<Frame> DecodeJpeg(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  const std::unique_ptr<void, DestroyHandle> handle(tjInitDecompress());
  if (handle == nullptr) {
    return Unexpected(ErrorCode::kExhausted, StrCat(name, ": no memory for the JPEG decoder"));
  }
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto size = static_cast<unsigned long>(bytes.size());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colour_space = 0;
  if (tjDecompressHeader3(handle.get(), data, size, &width, &height, &subsampling, &colour_space) != 0) {
    return JpegError(name, handle.get());
  }
  if (width < 0 || height < 0) return JpegError(name, handle.get());
  GLIMPSE_RETURN_IF_ERROR(CheckSize(static_cast<uint64_t>(width), static_cast<uint64_t>(height), name, limits));
  if (colour_space == TJCS_CMYK || colour_space == TJCS_YCCK) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": a CMYK JPEG; save it as RGB or grey"));
  }
  const bool grey = colour_space == TJCS_GRAY;
  const PixelFormat format = grey ? PixelFormat::kGrey8 : PixelFormat::kRgb24;
  std::vector<uint8_t> pixels(RowBytes(format, 0, width) * static_cast<size_t>(height));
  // A warning means missing or damaged data, painted over with grey: half a picture must not be classified. The scan
  // limit is for progressive files of a few kilobytes that would keep the decoder busy for minutes.
  const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
  if (tjDecompress2(handle.get(), data, size, pixels.data(), width, 0, height, grey ? TJPF_GRAY : TJPF_RGB, flags) !=
      0) {
    return JpegError(name, handle.get());
  }
  return MakeFrame(format, width, height, std::move(pixels));
}

}  // namespace glimpse::media::internal
