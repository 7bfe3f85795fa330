// SPDX-License-Identifier: Apache-2.0
// JPEG through libjpeg-turbo.
#include <cstdint>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/decoders.h"
#include "media/jpeg_handle.h"

namespace glimpse::media::internal {

Result<Frame> DecodeJpeg(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const JpegHandle handle, JpegHandle::Create(name));
  GLIMPSE_ASSIGN_OR_RETURN(const JpegHeader header, handle.ReadHeader(bytes, name, limits));
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
  if (handle.library().tjDecompress2(handle.get(), data, size, pixels.data(), header.width, 0, header.height,
                                     grey ? TJPF_GRAY : TJPF_RGB, flags) != 0) {
    return handle.FailureOn(name);
  }
  return MakeFrame(format, header.width, header.height, std::move(pixels));
}

}  // namespace glimpse::media::internal
