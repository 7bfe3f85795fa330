// SPDX-License-Identifier: Apache-2.0
// Which inputs, regions and steps go together; not for users of media/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/preprocess.h"

namespace glimpse::media::internal {

std::string SizeText(int width, int height);

// What Preprocessor::Create refuses; its errors.
Result<void> CheckPreprocessing(const std::vector<config::PreprocessStep>& steps,
                                const std::optional<config::Region>& region, const InputSpec& input);

}  // namespace glimpse::media::internal
