// SPDX-License-Identifier: Apache-2.0
// A model's input as a picture to be filled.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "engine/model/model.h"
#include "media/preprocess.h"

namespace glimpse::classifier {

// How preprocessing sees the model's only input: [1, height, width, channels], [1, height, width], or [1, n] with n a
// square; with the normalisation that the model's metadata prescribes. A uint8 input with such metadata gets the pixels
// as they are, q = pixel, as TFLite's own Task library fills it: mean and std describe what the network was trained on,
// and files exist whose pair would saturate every pixel. `shape` is the input's as it will be run.
// Reentrant.
// Errors, with the file's name: kUnsupported when it is no picture (several inputs, another type or shape, integers
// without a scale); kInvalidModel when the metadata normalises another number of channels; those of ReadMetadata().
Result<media::InputSpec> PictureInputOf(const Model& model, std::span<const int32_t> shape);
// The same with the shape of the file.
Result<media::InputSpec> PictureInputOf(const Model& model);

}  // namespace glimpse::classifier
