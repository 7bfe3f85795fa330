// SPDX-License-Identifier: Apache-2.0
// PNG through libpng's simplified interface, which reports errors by return value.
#include <png.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/system_library.h"
#include "media/decoders.h"
#include "media/picture.h"

namespace glimpse::media {
namespace {

struct Libpng : SystemLibrary {
  Libpng() : SystemLibrary(GLIMPSE_LIBPNG, "PNG pictures") {}
  GLIMPSE_SYSTEM_FUNCTION(png_image_begin_read_from_memory);
  GLIMPSE_SYSTEM_FUNCTION(png_image_finish_read);
  GLIMPSE_SYSTEM_FUNCTION(png_image_write_to_memory);
  GLIMPSE_SYSTEM_FUNCTION(png_image_free);
};

// Owns libpng's state behind a png_image.
class PngImage {
 public:
  explicit PngImage(const Libpng& png) : png_(png) { image_.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_.png_image_free(&image_); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  png_image* get() { return &image_; }
  png_image* operator->() { return &image_; }
  std::string Message() const { return Printable(image_.message); }

 private:
  const Libpng& png_;
  png_image image_{};
};

Unexpected PngError(const std::string& name, const PngImage& image) {
  return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": not a sound PNG: ", image.Message()));
}

}  // namespace

namespace internal {

Result<Frame> DecodePng(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const Libpng* const png, OpenedLibrary<Libpng>());
  PngImage image(*png);
  if (png->png_image_begin_read_from_memory(image.get(), bytes.data(), bytes.size()) == 0) return PngError(name, image);
  GLIMPSE_RETURN_IF_ERROR(CheckSize(image->width, image->height, name, limits));
  // Without this flag 16-bit samples would be taken as linear light and come out brighter than 8-bit ones.
  image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const bool colour = (image->format & PNG_FORMAT_FLAG_COLOR) != 0;
  image->format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  const auto width = static_cast<int>(image->width);
  const auto height = static_cast<int>(image->height);
  const PixelFormat format = colour ? PixelFormat::kRgb24 : PixelFormat::kGrey8;
  std::vector<uint8_t> pixels(RowBytes(format, 0, width) * static_cast<size_t>(height));
  png_color white = {255, 255, 255};
  const auto stride = static_cast<png_int_32>(RowBytes(format, 0, width));
  if (png->png_image_finish_read(image.get(), &white, pixels.data(), stride, nullptr) == 0)
    return PngError(name, image);
  return MakeFrame(format, width, height, std::move(pixels));
}

}  // namespace internal

Result<std::vector<std::byte>> EncodePng(const Frame& frame) {
  const bool grey = frame.format == PixelFormat::kGrey8;
  if ((!grey && frame.format != PixelFormat::kRgb24) || !frame.IsConsistent()) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat("a PNG is made from a grey8 or rgb24 picture, this is ", PixelFormatName(frame.format)));
  }
  GLIMPSE_ASSIGN_OR_RETURN(const Libpng* const libpng, OpenedLibrary<Libpng>());
  PngImage image(*libpng);
  image->width = static_cast<png_uint_32>(frame.width);
  image->height = static_cast<png_uint_32>(frame.height);
  image->format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  const auto stride = static_cast<png_int_32>(frame.planes[0].stride);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(*image.get());
  std::vector<std::byte> png(size);
  if (libpng->png_image_write_to_memory(image.get(), png.data(), &size, 0, frame.Row(0, 0), stride, nullptr) == 0) {
    return Unexpected(ErrorCode::kInternal, StrCat("cannot encode a PNG: ", image.Message()));
  }
  png.resize(size);
  return png;
}

}  // namespace glimpse::media
