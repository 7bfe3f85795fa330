// SPDX-License-Identifier: Apache-2.0
// From a pixel to the element of the model's input tensor.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"
#include "config/config.h"
#include "media/preprocess.h"

namespace glimpse::media {

// The real value of a pixel: pixel / 255 when `step` says nothing.
// Errors: kInvalidConfig for a range or mean/std that is not finite, an empty range, or a std that is not positive.
Result<std::array<double, 256>> RealTable(const config::NormaliseStep& step);

// The same for one channel of an input that brings its normalisation. Errors: kInvalidConfig as above.
Result<std::array<double, 256>> AffineTable(const Affine& normalisation);

// q = clamp(round(real / scale) + zero_point) for int8 and uint8, ties away from zero; the division and the rounding
// are those of float, as TFLite's QUANTIZE and its Python users' x / scale see them. One byte for each pixel value.
// Errors: kInvalidConfig when the scale is not positive and finite or the zero point does not fit the type.
Result<std::array<uint8_t, 256>> QuantiseTable(const std::array<double, 256>& real, const InputSpec& input);

}  // namespace glimpse::media
