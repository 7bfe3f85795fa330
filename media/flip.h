// SPDX-License-Identifier: Apache-2.0
// Copying a plane row by row, mirrored or upside down where the camera cannot do it itself.
#pragma once

#include <cstddef>
#include <cstdint>

#include "media/frame.h"
#include "media/frame_pool.h"

namespace glimpse::media {

// Copies plane `plane` of a width x height picture from rows `stride` bytes apart to `out`, densely packed
// (RowBytes() * RowCount() bytes). `hflip` exchanges left and right, `vflip` top and bottom; chroma goes along, at
// odd widths half a pixel off. REQUIRES: stride >= RowBytes(), every row readable, `out` elsewhere.
void CopyPlane(PixelFormat format, size_t plane, int width, int height, const uint8_t* in, size_t stride, bool hflip,
               bool vflip, uint8_t* out);

// The frame itself when neither is asked for, else a mirrored copy of its pixels, from `pool`.
Frame Flipped(Frame frame, bool hflip, bool vflip, FramePool& pool);

}  // namespace glimpse::media
