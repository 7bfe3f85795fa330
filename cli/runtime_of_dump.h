// SPDX-License-Identifier: Apache-2.0
// Which runtime made a folder of dumped tensors.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "engine/model/model.h"

namespace glimpse::cli {

// FOLDER/runtime.json as tools/litert_dump.py writes it; null when the dump has none. Members runtime, resolver,
// machine and model are texts where they are there. Errors: kIo; kInvalidArgument for a file of another form, or of
// another model.
Result<nlohmann::ordered_json> ReadRuntimeOfDump(const std::string& folder, const Model& model);

}  // namespace glimpse::cli
