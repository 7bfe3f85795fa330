// SPDX-License-Identifier: Apache-2.0
// What a model's metadata says, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/model/model.h"

namespace glimpse::cli {

// Lines, each with its line break; "" for a model without metadata. Metadata that cannot be read is said in one line:
// it is not needed to look at the rest of a model.
std::string MetadataText(const Model& model);
// null for a model without metadata; {"error": ...} for metadata that cannot be read.
nlohmann::ordered_json MetadataJson(const Model& model);

}  // namespace glimpse::cli
