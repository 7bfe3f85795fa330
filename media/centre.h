// SPDX-License-Identifier: Apache-2.0
// Placing a cut-out digit as MNIST's digits are placed.
#pragma once

#include <cstdint>

#include "media/image.h"
#include "media/resample.h"

namespace glimpse::media {

// The side of the square that a digit is fitted into, for one side of the picture: round(20/28 of it), at least 1.
int FitSide(int side);

// The rectangle `box` of `ink` (0 no ink, 255 solid) fitted into FitSide(width) x FitSide(height) by `filter` with its
// proportions kept and its strokes' cores brought to 255, then put on black so that its centre of mass, rounded to
// whole pixels, is the middle of the picture, as far as that leaves no part outside. `digit` is room for the fitted
// one, kept by the caller so that none is taken for each picture. REQUIRES: box within ink and some pixel of it not 0;
// `ink`, `digit` and `out` different objects.
void PlaceDigit(const Image& ink, const Rect& box, int width, int height, Filter filter, Resampler& resampler,
                Image& digit, Image& out);

// Whether a width x height picture of light on dark already is as PlaceDigit leaves it: background exactly 0, the
// longer side of the ink's box that of the fit or one less or more, its centre of mass less than 1.5 pixels from the
// middle. MNIST's own images are.
bool IsPlaced(const Image& picture);

}  // namespace glimpse::media
