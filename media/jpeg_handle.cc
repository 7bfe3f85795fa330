// SPDX-License-Identifier: Apache-2.0
#include "media/jpeg_handle.h"

#include <cstdint>
#include <utility>

#include "base/strings.h"
#include "media/decoders.h"

namespace glimpse::media::internal {

Result<JpegHandle> JpegHandle::Create(const std::string& name) {
  GLIMPSE_ASSIGN_OR_RETURN(const TurboJpeg* const library, OpenedLibrary<TurboJpeg>());
  JpegHandle handle(std::unique_ptr<void, Destroy>(library->tjInitDecompress(), Destroy{library}));
  if (handle.get() == nullptr) {
    return Unexpected(ErrorCode::kExhausted, StrCat(name, ": no memory for the JPEG decoder"));
  }
  return handle;
}

Unexpected JpegHandle::FailureOn(const std::string& name) const {
  return Unexpected(ErrorCode::kInvalidArgument,
                    StrCat(name, ": not a sound JPEG: ", Printable(library().tjGetErrorStr2(get()))));
}

Result<JpegHeader> JpegHandle::ReadHeader(std::span<const std::byte> bytes, const std::string& name,
                                          const Limits& limits) const {
  JpegHeader header;
  if (library().tjDecompressHeader3(get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                    static_cast<unsigned long>(bytes.size()), &header.width, &header.height,
                                    &header.subsampling, &header.colour_space) != 0 ||
      header.width < 0 || header.height < 0) {
    return FailureOn(name);
  }
  GLIMPSE_RETURN_IF_ERROR(
      CheckSize(static_cast<uint64_t>(header.width), static_cast<uint64_t>(header.height), name, limits));
  return header;
}

}  // namespace glimpse::media::internal
