// SPDX-License-Identifier: Apache-2.0
// What both ways of reading a JPEG begin with.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "media/limits.h"

namespace glimpse::media::internal {

struct JpegHeader {
  int width = 0;
  int height = 0;
  int subsampling = 0;   // TJSAMP_*
  int colour_space = 0;  // TJCS_*
};

// Why libjpeg-turbo's decoder `handle` (tjInitDecompress) did not take the picture: kInvalidArgument, with its words.
Unexpected JpegError(const std::string& name, void* handle);

// Errors: kExhausted when `handle` is null, or the picture is larger than the limits; JpegError().
Result<JpegHeader> ReadJpegHeader(void* handle, std::span<const std::byte> bytes, const std::string& name,
                                  const Limits& limits);

}  // namespace glimpse::media::internal
