// SPDX-License-Identifier: Apache-2.0
// The decoders behind DecodePicture, one file each; not for users of media/.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "media/frame.h"
#include "media/limits.h"

namespace glimpse::media::internal {

// Each gets the whole file, whose first bytes already matched. Contract and errors: media/picture.h.
Result<Frame> DecodePng(std::span<const std::byte> bytes, const std::string& name, const Limits& limits);
Result<Frame> DecodeJpeg(std::span<const std::byte> bytes, const std::string& name, const Limits& limits);
Result<Frame> DecodeNetpbm(std::span<const std::byte> bytes, const std::string& name, const Limits& limits);

// Whether a picture of this size may be decoded. Errors: kInvalidArgument for a zero, kExhausted above the limit.
Result<void> CheckSize(uint64_t width, uint64_t height, const std::string& name, const Limits& limits);

}  // namespace glimpse::media::internal
