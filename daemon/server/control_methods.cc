// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/control_methods.h"

#include <memory>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/json_text.h"
#include "daemon/reload/methods.h"
#include "daemon/server/evidence_text.h"
#include "daemon/server/params.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;

MethodResult SetPaused(const RpcRequest& request, Backend& backend, bool paused) {
  if (const auto wrong = CheckMembers(request.params, {"pipelines"}); wrong.index() == 1) return std::get<1>(wrong);
  const auto wanted = ReadPipelines(request.params, backend);
  if (wanted.index() == 1) return std::get<1>(wanted);
  const auto& some = std::get<0>(wanted);
  const std::vector<std::string> names =
      some ? std::vector<std::string>(some->begin(), some->end()) : PipelineNames(backend);
  backend.SetPaused(names, paused);
  return ToText({{"paused", backend.paused()}});
}

MethodResult Pause(const RpcRequest& request, Caller&, Backend& backend) { return SetPaused(request, backend, true); }
MethodResult Resume(const RpcRequest& request, Caller&, Backend& backend) { return SetPaused(request, backend, false); }

MethodResult LogLevelMethod(const RpcRequest& request, Caller&, Backend&) {
  if (const auto wrong = CheckMembers(request.params, {"level"}); wrong.index() == 1) return std::get<1>(wrong);
  const std::string before(LogLevelName(GetLogLevel()));
  if (const auto given = request.params.find("level"); given != request.params.end()) {
    const auto level = given->is_string() ? LogLevelFromName(given->get_ref<const std::string&>()) : std::nullopt;
    if (!level) return InvalidParams(StrCat("'level' must be one of ", StrJoin(LogLevelNames(), ", ")));
    // Said while the lower of the two levels holds, so that either change is seen.
    if (*level > GetLogLevel()) SetLogLevel(*level);
    Log(LogLevel::kNotice, StrCat("the log level is now ", LogLevelName(*level), ", it was ", before));
    SetLogLevel(*level);
  }
  return ToText({{"level", LogLevelName(GetLogLevel())}, {"before", before}});
}

// Which frame of which pipeline, as far as it is kept.
struct Exhibit {
  std::shared_ptr<const EvidenceStore> store;
  EvidenceStore::Found found;
};

Param<Exhibit> FindExhibit(const PipelineInfo& info, const Json& params, Backend& backend) {
  Exhibit exhibit;
  exhibit.store = backend.Evidence(info.name);
  std::optional<uint64_t> frame;
  if (const auto given = params.find("frame"); given != params.end()) {
    if (!given->is_number_unsigned()) return InvalidParams("'frame' must be a frame's number, 0 or above");
    frame = given->get<uint64_t>();
  }
  if (auto found = exhibit.store->Find(frame)) {
    exhibit.found = std::move(*found);
    return exhibit;
  }
  const std::string& name = info.name;
  if (!exhibit.store->enabled()) {
    return RpcError{rpc::kNotKept, StrCat("not kept: pipelines.", name, ".keep.frames is 0 in the configuration"),
                    nullptr};
  }
  const auto range = exhibit.store->range();
  if (!range)
    return RpcError{rpc::kNotKept, StrCat("not kept: pipeline '", name, "' had no frame since it began"), nullptr};
  return RpcError{rpc::kNotKept,
                  StrCat("not kept: frame ", *frame, " of pipeline '", name, "'; kept are ", range->first, " to ",
                         range->last, " (pipelines.", name, ".keep says how many)"),
                  {{"first", range->first}, {"last", range->last}}};
}

// Encodes on the side thread.
template <typename Encode>
MethodResult AnswerAside(const RpcRequest& request, Caller& caller, Encode encode) {
  auto reply = caller.BeginLater(request);
  if (!reply) return Busy();
  auto job = [reply = *reply, encode = std::move(encode)] {
    auto text = encode();
    if (text) return reply(std::move(*text));
    reply(RpcError{rpc::kInternalError, StrCat("internal error: ", text.error().message), nullptr});
  };
  if (!caller.RunAside(std::move(job))) (*reply)(Busy());
  return std::monostate{};
}

MethodResult Why(const RpcRequest& request, Caller& caller, Backend& backend) {
  const Json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"pipeline", "region", "frame"}); wrong.index() == 1) {
    return std::get<1>(wrong);
  }
  const auto pipeline = ReadPipeline(params, backend);
  if (pipeline.index() == 1) return std::get<1>(pipeline);
  const PipelineInfo& info = *std::get<0>(pipeline);
  const auto named = ReadRegion(params, info);
  if (named.index() == 1) return std::get<1>(named);
  if (!std::get<0>(named) && info.regions.size() > 1) {
    RpcError error = InvalidParams(StrCat("'region' is missing, and pipeline '", info.name, "' has several"));
    error.data = {{"regions", info.regions}};
    return error;
  }
  auto exhibit = FindExhibit(info, params, backend);
  if (exhibit.index() == 1) return std::get<1>(exhibit);
  Exhibit& shown = std::get<0>(exhibit);
  return AnswerAside(request, caller,
                     [store = std::move(shown.store), evidence = std::move(shown.found.evidence),
                      region = std::get<0>(named).value_or(info.regions[0]),
                      decide = backend.config().pipelines.at(info.name).decide] {
                       return WhyText(*store, *evidence, region, decide);
                     });
}

MethodResult Snapshot(const RpcRequest& request, Caller& caller, Backend& backend) {
  const Json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"pipeline", "frame"}); wrong.index() == 1) return std::get<1>(wrong);
  const auto pipeline = ReadPipeline(params, backend);
  if (pipeline.index() == 1) return std::get<1>(pipeline);
  const PipelineInfo& info = *std::get<0>(pipeline);
  auto exhibit = FindExhibit(info, params, backend);
  if (exhibit.index() == 1) return std::get<1>(exhibit);
  Exhibit& shown = std::get<0>(exhibit);
  const config::Pipeline& settings = backend.config().pipelines.at(info.name);
  if (!shown.found.picture) {
    return RpcError{rpc::kNotKept,
                    StrCat("not kept: the picture of frame ", shown.found.evidence->frame, " (pipelines.", info.name,
                           ".keep.bytes is ", settings.keep.bytes, "); 'why' still answers"),
                    nullptr};
  }
  return AnswerAside(
      request, caller,
      [store = std::move(shown.store), found = std::move(shown.found), camera = info.camera,
       regions = settings.regions] { return SnapshotText(*store, *found.evidence, *found.picture, camera, regions); });
}

constexpr Method kControlMethods[] = {{"why", Why},
                                      {"snapshot", Snapshot},
                                      {"pause", Pause},
                                      {"resume", Resume},
                                      {"reload", ReloadMethod},
                                      {"kernels.set", KernelsSetMethod},
                                      {"log.level", LogLevelMethod}};

}  // namespace

std::span<const Method> ControlMethods() { return kControlMethods; }

}  // namespace glimpse::daemon
