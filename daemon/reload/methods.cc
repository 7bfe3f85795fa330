// SPDX-License-Identifier: Apache-2.0
#include "daemon/reload/methods.h"

#include <optional>
#include <string>
#include <utility>

#include "base/exit_status.h"
#include "base/strings.h"
#include "daemon/json_text.h"
#include "daemon/messages.h"
#include "daemon/server/params.h"

namespace glimpse::daemon {
namespace {

// What kind of thing was wrong, as scripts name it.
const char* KindOf(ErrorCode code) {
  switch (ExitStatusFor(code)) {
    case ExitStatus::kInvalidModel:
      return "model";
    case ExitStatus::kUnsupportedModel:
      return "operator";
    case ExitStatus::kInvalidConfig:
      return "configuration";
    case ExitStatus::kPluginRefused:
      return "plugin";
    default:
      return "runtime";
  }
}

// "FILE:LINE:COLUMN: ..." at the beginning of an error of the configuration.
void AddPlace(const std::string& message, nlohmann::json* data) {
  const size_t end = message.find(": ");
  if (end == std::string::npos) return;
  const std::vector<std::string> parts = StrSplit(message.substr(0, end), ':');
  const auto number = [](const std::string& text) {
    return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (parts.size() < 3 || !number(parts[parts.size() - 1]) || !number(parts[parts.size() - 2])) return;
  (*data)["file"] = StrJoin(std::vector<std::string>(parts.begin(), parts.end() - 2), ":");
  (*data)["line"] = std::stoi(parts[parts.size() - 2]);
  (*data)["column"] = std::stoi(parts[parts.size() - 1]);
}

MethodResult Request(ReloadRequest what, const RpcRequest& request, Caller& caller, Backend& backend) {
  const auto reply = caller.BeginLater(request);
  if (!reply) return Busy();
  what.done = [reply = *reply](const ReloadVerdict& verdict) { reply(VerdictResult(verdict)); };
  if (!backend.TryReload(std::move(what))) {
    (*reply)(RpcError{rpc::kBusy, "busy: too many changes wait already; try again", nullptr});
  }
  return std::monostate{};
}

// The member `override`: a map of texts.
std::optional<std::map<std::string, std::string>> ReadOverrides(const nlohmann::json& json) {
  if (!json.is_object()) return std::nullopt;
  std::map<std::string, std::string> overrides;
  for (const auto& [key, plugin] : json.items()) {
    if (!plugin.is_string() || key.empty()) return std::nullopt;
    overrides[key] = plugin.get<std::string>();
  }
  return overrides;
}

}  // namespace

MethodResult ReloadMethod(const RpcRequest& request, Caller& caller, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {}); wrong.index() == 1) return std::get<1>(wrong);
  ReloadRequest what;
  what.by = "reload";
  return Request(std::move(what), request, caller, backend);
}

MethodResult KernelsSetMethod(const RpcRequest& request, Caller& caller, Backend& backend) {
  const nlohmann::json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"pipeline", "use", "override"}); wrong.index() == 1) {
    return std::get<1>(wrong);
  }
  KernelsChange change;
  const auto pipeline = ReadPipeline(params, backend);
  if (pipeline.index() == 1) return std::get<1>(pipeline);
  change.pipeline = std::get<0>(pipeline)->name;
  if (const auto use = params.find("use"); use != params.end()) {
    if (!use->is_string()) return InvalidParams("'use' must be \"auto\" or the name of a plugin");
    change.use = use->get<std::string>();
  }
  if (const auto given = params.find("override"); given != params.end()) {
    auto overrides = ReadOverrides(*given);
    if (!overrides) return InvalidParams("'override' must be an object of OPERATOR-OR-LAYER: PLUGIN");
    change.overrides = std::move(*overrides);
  }
  ReloadRequest what;
  what.by = "kernels.set";
  what.kernels = std::move(change);
  return Request(std::move(what), request, caller, backend);
}

MethodResult VerdictResult(const ReloadVerdict& verdict) {
  if (verdict.accepted) {
    return ToText({{"message", verdict.message},
                   {"config", verdict.config},
                   {"took_us", verdict.took_us},
                   {"graphs", verdict.findings.rebuilt},
                   {"cameras", verdict.findings.cameras},
                   {"samples", verdict.findings.frames}});
  }
  nlohmann::json data{{"kind", KindOf(verdict.error.code)},
                      {"exit_status", static_cast<int>(ExitStatusFor(verdict.error.code))},
                      {"reason", verdict.error.message}};
  AddPlace(verdict.error.message, &data);
  const WrongKernel& wrong = verdict.findings.wrong;
  if (wrong.op >= 0) {
    data["pipeline"] = wrong.pipeline;
    data["operator"] = wrong.op;
    data["layer"] = wrong.layer;
    data["kernel"] = wrong.kernel;
    data["plugin"] = wrong.plugin;
  }
  return RpcError{rpc::kRefused, verdict.message, std::move(data)};
}

nlohmann::json HistoryJson(const ReloadHistory& history) {
  nlohmann::json json{{"accepted", history.accepted}, {"refused", history.refused}};
  if (history.last) {
    json["last"] = {{"by", history.last->by},
                    {"time", FormatTime(history.last->time)},
                    {"accepted", history.last->accepted},
                    {"message", history.last->message},
                    {"took_us", history.last->took_us}};
  }
  return json;
}

}  // namespace glimpse::daemon
