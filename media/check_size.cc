// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>

#include "base/strings.h"
#include "media/decoders.h"

namespace glimpse::media::internal {

Result<void> CheckSize(uint64_t width, uint64_t height, const std::string& name, const Limits& limits) {
  if (width == 0 || height == 0) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(name, ": a picture of ", width, "x", height, " pixels is empty"));
  }
  // Frame has int sizes; RGB rows must fit them too, so that no later product overflows.
  constexpr uint64_t kMaxSide = std::numeric_limits<int>::max() / 4;
  if (width > kMaxSide || height > kMaxSide || width > limits.max_pixels / height) {
    return Unexpected(ErrorCode::kExhausted, StrCat(name, ": the picture claims ", width, "x", height,
                                                    " pixels, more than the limit of ", limits.max_pixels));
  }
  return {};
}

}  // namespace glimpse::media::internal
