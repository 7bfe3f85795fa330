// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/params.h"

#include <algorithm>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;

}  // namespace

std::vector<std::string> PipelineNames(const Backend& backend) {
  std::vector<std::string> names;
  for (const auto& info : backend.pipelines()) names.push_back(info->name);
  return names;
}

const PipelineInfo* FindPipeline(const Backend& backend, const std::string& name) {
  for (const auto& info : backend.pipelines()) {
    if (info->name == name) return info.get();
  }
  return nullptr;
}

RpcError UnknownPipeline(const std::string& name, const Backend& backend) {
  const std::vector<std::string> known = PipelineNames(backend);
  RpcError error = InvalidParams(StrCat("there is no pipeline '", Printable(name, 70), "'"));
  error.data = {{"pipelines", known}};
  return error;
}

Param<std::optional<std::set<std::string>>> ReadPipelines(const Json& params, const Backend& backend) {
  const auto list = params.find("pipelines");
  if (list == params.end()) return std::optional<std::set<std::string>>();
  if (!list->is_array()) return InvalidParams("'pipelines' must be a list of names");
  std::set<std::string> names;
  for (const Json& item : *list) {
    if (!item.is_string()) return InvalidParams("'pipelines' must be a list of names");
    const auto name = item.get<std::string>();
    if (FindPipeline(backend, name) == nullptr) return UnknownPipeline(name, backend);
    names.insert(name);
  }
  return std::optional(std::move(names));
}

Param<const PipelineInfo*> ReadPipeline(const Json& params, const Backend& backend) {
  const auto given = params.find("pipeline");
  if (given == params.end()) {
    if (backend.pipelines().size() == 1) return backend.pipelines()[0].get();
    RpcError error = InvalidParams("'pipeline' is missing, and there is more than one");
    error.data = {{"pipelines", PipelineNames(backend)}};
    return error;
  }
  if (!given->is_string()) return InvalidParams("'pipeline' must be a name");
  const PipelineInfo* info = FindPipeline(backend, given->get<std::string>());
  if (info == nullptr) return UnknownPipeline(given->get<std::string>(), backend);
  return info;
}

Param<std::optional<std::string>> ReadRegion(const Json& params, const PipelineInfo& info) {
  const auto given = params.find("region");
  if (given == params.end()) return std::optional<std::string>();
  if (!given->is_string()) return InvalidParams("'region' must be a name");
  auto name = given->get<std::string>();
  if (std::find(info.regions.begin(), info.regions.end(), name) != info.regions.end()) return std::optional(name);
  RpcError error = InvalidParams(StrCat("pipeline '", info.name, "' has no region '", Printable(name, 70), "'"));
  error.data = {{"regions", info.regions}};
  return error;
}

RpcError Busy() { return {rpc::kBusy, "busy: too many requests wait; try again", nullptr}; }

}  // namespace glimpse::daemon
