// SPDX-License-Identifier: Apache-2.0
// Params that several methods share.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "daemon/server/backend.h"
#include "daemon/server/rpc.h"

namespace glimpse::daemon {

// A value, or the error to answer with.
template <typename T>
using Param = std::variant<T, RpcError>;

std::vector<std::string> PipelineNames(const Backend& backend);

// The member `pipelines`: names that exist, or nothing for all.
Param<std::optional<std::set<std::string>>> ReadPipelines(const nlohmann::json& params, const Backend& backend);

// The member `pipeline`, which may be left out when there is only one.
Param<const PipelineInfo*> ReadPipeline(const nlohmann::json& params, const Backend& backend);

// The member `region`: one of that pipeline's names, or nothing.
Param<std::optional<std::string>> ReadRegion(const nlohmann::json& params, const PipelineInfo& info);

// More wait than the configuration allows.
RpcError Busy();

}  // namespace glimpse::daemon
