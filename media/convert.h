// SPDX-License-Identifier: Apache-2.0
// From a frame's pixels to luma or R, G, B: the one place where pixel formats are told apart.
//
// All of it is integer arithmetic in 1/65536 with one rounding, half up, so equal frames give equal pictures on every
// machine, at most 1 of 255 from the same formula in real numbers (docs/adr/0010-colour-conversion-is-our-own.md).
#pragma once

#include "media/frame.h"
#include "media/image.h"

namespace glimpse::media {

// The part `rect` of `frame` as luma in full range, 0 to 255; nothing outside of it is read.
//   luma with or without chroma  Y; in limited range round((Y - 16) * 255 / 219), held within 0 to 255
//   RGB                          Luma() of image.h: BT.601
// REQUIRES: frame.IsConsistent(), rect within it. Reentrant.
void ToGrey(const Frame& frame, const Rect& rect, Image& out);

// The same as R, G, B in full range. Luma and chroma become R, G, B by the frame's matrix and range:
//   R = y + 2 (1 - kr) v    G = y - 2 kb (1 - kb) / kg u - 2 kr (1 - kr) / kg v    B = y + 2 (1 - kb) u
// with kr, kg, kb of the matrix, y = Y, u = U - 128, v = V - 128 in full range, y = (Y - 16) 255 / 219 and u, v times
// 255 / 224 in limited range; each held within 0 to 255. Chroma is that of the nearest sample to the left and above.
void ToRgb(const Frame& frame, const Rect& rect, Image& out);

}  // namespace glimpse::media
