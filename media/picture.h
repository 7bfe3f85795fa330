// SPDX-License-Identifier: Apache-2.0
// Decoding of PNG, JPEG, PGM and PPM pictures from memory, and encoding of PNG.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/frame.h"
#include "media/limits.h"

namespace glimpse::media {

// Decodes one picture; its kind is told by its first bytes, never by its name. Grey pictures become kGrey8, colour
// kRgb24, packed densely; the origin is `name`, sequence and times are left at zero.
//   PNG   any colour type, depth and interlacing; 16 bits are reduced to 8, a palette is resolved, transparency is
//         laid over white, as on paper
//   JPEG  baseline and progressive, grey, YCbCr, RGB; CMYK is refused; the EXIF orientation is ignored
//   PGM, PPM  P2, P3, P5, P6, maxval 1 to 65535, scaled to 255 with rounding; the first picture of the file
// Errors: kInvalidArgument "NAME: what is wrong" for anything malformed, cut off or of another kind;
// kExhausted when it is larger than `limits` allow, found out before memory is taken.
// Thread-safe.
Result<Frame> DecodePicture(std::span<const std::byte> bytes, const std::string& name, const Limits& limits = {});

// Reads and decodes the file. Errors as DecodePicture, and kIo.
Result<Frame> ReadPicture(const std::string& path, const Limits& limits = {});

// A PNG of 8 bits a channel. `frame` is kGrey8 or kRgb24 and consistent, else kInvalidArgument. Thread-safe.
Result<std::vector<std::byte>> EncodePng(const Frame& frame);

}  // namespace glimpse::media
