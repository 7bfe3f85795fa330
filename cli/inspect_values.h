// SPDX-License-Identifier: Apache-2.0
// The content of constants, for people to read.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/model/model.h"

namespace glimpse::cli {

// One number for each element; float16 as its bits. REQUIRES: a constant.
nlohmann::ordered_json ConstantValues(const TensorInfo& tensor);

}  // namespace glimpse::cli
