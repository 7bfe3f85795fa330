// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/methods.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/json_text.h"
#include "daemon/reload/methods.h"
#include "daemon/server/base64.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;

// A value, or the error to answer with.
template <typename T>
using Param = std::variant<T, RpcError>;

struct Method {
  const char* name;
  MethodResult (*call)(const RpcRequest& request, Caller& caller, Backend& backend);
};

const std::vector<std::string>& LaterMethods() {
  static const std::vector<std::string> names{"why", "snapshot", "pause", "resume"};
  return names;
}

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

// The member `pipelines`: names that exist, or nothing for all.
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

MethodResult Hello(const RpcRequest& request, Caller& caller, Backend& backend);

MethodResult Status(const RpcRequest& request, Caller& caller, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {}); wrong.index() == 1) return std::get<1>(wrong);
  return backend.Status(caller.clients());
}

MethodResult Describe(const RpcRequest& request, Caller&, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {"pipelines"}); wrong.index() == 1) return std::get<1>(wrong);
  const auto wanted = ReadPipelines(request.params, backend);
  if (wanted.index() == 1) return std::get<1>(wanted);
  const auto& names = std::get<0>(wanted);
  // Descriptions are JSON text already; parsing them only to write them again would cost more than this.
  std::string pipelines;
  for (const auto& info : backend.pipelines()) {
    if (names && names->count(info->name) == 0) continue;
    pipelines += StrCat(pipelines.empty() ? "" : ",", ToText(info->name), ":", info->description);
  }
  return StrCat("{\"config\":", ToText(backend.config().sha256), ",\"files\":", ToText(backend.config().files),
                ",\"pipelines\":{", pipelines, "},\"plugins\":", backend.plugins_description(), "}");
}

MethodResult Latest(const RpcRequest& request, Caller& caller, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {"pipelines"}); wrong.index() == 1) return std::get<1>(wrong);
  const auto wanted = ReadPipelines(request.params, backend);
  if (wanted.index() == 1) return std::get<1>(wanted);
  const auto& names = std::get<0>(wanted);
  std::string list;
  for (const auto& info : backend.pipelines()) {
    if (names && names->count(info->name) == 0) continue;
    for (const std::string& region : info->regions) {
      const auto found = caller.latest().find({info->name, region});
      if (found != caller.latest().end()) list += StrCat(list.empty() ? "" : ",", *found->second, "}");
    }
  }
  return StrCat("{\"predictions\":[", list, "]}");
}

MethodResult Subscribe(const RpcRequest& request, Caller& caller, Backend& backend) {
  const Json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"pipelines", "on", "max_rate_hz"}); wrong.index() == 1) {
    return std::get<1>(wrong);
  }
  auto wanted = ReadPipelines(params, backend);
  if (wanted.index() == 1) return std::get<1>(wanted);
  SubscriptionSettings settings;
  settings.pipelines = std::move(std::get<0>(wanted));
  if (const auto on = params.find("on"); on != params.end()) {
    if (*on != "frame" && *on != "change") return InvalidParams("'on' must be \"frame\" or \"change\"");
    settings.on_change = *on == "change";
  }
  if (const auto rate = params.find("max_rate_hz"); rate != params.end()) {
    if (!rate->is_number() || !(rate->get<double>() > 0) || rate->get<double>() > 1000) {
      return InvalidParams("'max_rate_hz' must be a number above 0, at most 1000");
    }
    settings.max_rate_hz = rate->get<double>();
  }
  const auto number = caller.Subscribe(std::move(settings));
  if (!number) {
    return RpcError{rpc::kTooManySubscriptions,
                    StrCat("too many subscriptions: a connection may have ", kMaxSubscriptions), nullptr};
  }
  return StrCat("{\"subscription\":", *number, "}");
}

MethodResult Unsubscribe(const RpcRequest& request, Caller& caller, Backend&) {
  const Json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"subscription"}); wrong.index() == 1) return std::get<1>(wrong);
  std::optional<int> number;
  if (const auto given = params.find("subscription"); given != params.end()) {
    if (!given->is_number_integer() || *given < 1 || *given > 2'000'000'000) {
      return InvalidParams("'subscription' must be the number that subscribe returned");
    }
    number = given->get<int>();
  }
  const std::vector<int> ended = caller.Unsubscribe(number);
  if (number && ended.empty())
    return InvalidParams(StrCat("there is no subscription ", *number, " on this connection"));
  return ToText({{"unsubscribed", ended}});
}

// What `classify` is to look at.
Param<ClassifyRequest> ReadClassify(const Json& params, const Backend& backend) {
  const auto pipeline = ReadPipeline(params, backend);
  if (pipeline.index() == 1) return std::get<1>(pipeline);
  const PipelineInfo& info = *std::get<0>(pipeline);
  ClassifyRequest what;
  what.pipeline = info.name;
  const auto image = params.find("image");
  const auto tensor = params.find("tensor");
  if ((image == params.end()) == (tensor == params.end())) return InvalidParams("needs either 'image' or 'tensor'");
  what.is_tensor = tensor != params.end();
  const Json& data = what.is_tensor ? *tensor : *image;
  const char* name = what.is_tensor ? "tensor" : "image";
  if (!data.is_string()) return InvalidParams(StrCat("'", name, "' must be base64 text"));
  auto bytes = DecodeBase64(data.get_ref<const std::string&>());
  if (!bytes) return InvalidParams(StrCat("'", name, "' is not base64"));
  const size_t limit = backend.config().sockets.max_image_bytes;
  if (bytes->size() > limit) {
    return InvalidParams(StrCat("'", name, "' has ", bytes->size(), " bytes, max_image_bytes is ", limit));
  }
  what.bytes = std::move(*bytes);
  if (const auto region = params.find("region"); region != params.end()) {
    if (!region->is_string()) return InvalidParams("'region' must be a name");
    what.region = region->get<std::string>();
    if (what.is_tensor) return InvalidParams("'region' needs an 'image'; a tensor is the whole input");
    const bool known = std::find(info.regions.begin(), info.regions.end(), what.region) != info.regions.end();
    if (!known) {
      RpcError error =
          InvalidParams(StrCat("pipeline '", info.name, "' has no region '", Printable(what.region, 70), "'"));
      error.data = {{"regions", info.regions}};
      return error;
    }
  }
  return what;
}

MethodResult Classify(const RpcRequest& request, Caller& caller, Backend& backend) {
  const Json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"pipeline", "image", "tensor", "region"}); wrong.index() == 1) {
    return std::get<1>(wrong);
  }
  // Before the decoding: wrong requests cost as much as right ones.
  if (const int64_t wait = caller.TakeClassifyToken(); wait > 0) {
    return RpcError{rpc::kTooManyRequests,
                    StrCat("too many requests: classify_rate_hz is ", backend.config().sockets.classify_rate_hz),
                    {{"retry_after_ms", wait}}};
  }
  auto what = ReadClassify(params, backend);
  if (what.index() == 1) return std::get<1>(what);
  if (!caller.StartClassify(request, std::move(std::get<0>(what)))) {
    return RpcError{rpc::kBusy, "busy: too many requests wait for the model; try again", nullptr};
  }
  return std::monostate{};
}

constexpr Method kMethods[] = {{"hello", Hello},      {"status", Status},       {"describe", Describe},
                               {"latest", Latest},    {"subscribe", Subscribe}, {"unsubscribe", Unsubscribe},
                               {"classify", Classify}};

// What changes the daemon.
constexpr Method kControlMethods[] = {{"reload", ReloadMethod}, {"kernels.set", KernelsSetMethod}};

MethodResult Hello(const RpcRequest& request, Caller& caller, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {"client"}); wrong.index() == 1) return std::get<1>(wrong);
  if (const auto client = request.params.find("client"); client != request.params.end()) {
    if (!client->is_string() || client->get_ref<const std::string&>().size() > 200) {
      return InvalidParams("'client' must be text of at most 200 bytes");
    }
    Log(LogLevel::kDebug, StrCat("a client says hello: ", client->get_ref<const std::string&>()));
  }
  std::vector<std::string> methods;
  for (const Method& method : kMethods) methods.emplace_back(method.name);
  if (caller.kind() == SocketKind::kControl) {
    for (const Method& method : kControlMethods) methods.emplace_back(method.name);
  }
  const config::Sockets& sockets = backend.config().sockets;
  return ToText({{"name", "glimpsed"},
                 {"version", backend.version()},
                 {"protocol", {{"major", 1}, {"minor", 0}}},
                 {"socket", caller.kind() == SocketKind::kRead ? "read" : "control"},
                 {"pipelines", PipelineNames(backend)},
                 {"methods", methods},
                 {"limits",
                  {{"max_line_bytes", sockets.max_line_bytes},
                   {"max_queue_messages", sockets.max_queue_messages},
                   {"max_image_bytes", sockets.max_image_bytes},
                   {"max_clients", sockets.max_clients},
                   {"max_subscriptions", kMaxSubscriptions},
                   {"classify_rate_hz", sockets.classify_rate_hz}}}});
}

RpcError MethodNotFound(const std::string& name) {
  const auto& later = LaterMethods();
  if (std::find(later.begin(), later.end(), name) != later.end()) {
    return {rpc::kMethodNotFound,
            StrCat("method not found: '", name, "' is not in this version"),
            {{"reason", "not in this version"}}};
  }
  std::vector<std::string> known;
  for (const Method& method : kMethods) known.emplace_back(method.name);
  for (const Method& method : kControlMethods) known.emplace_back(method.name);
  RpcError error{rpc::kMethodNotFound, StrCat("method not found: '", Printable(name, 70), "'"), nullptr};
  const std::string nearest = NearestWord(name, known);
  if (!nearest.empty()) {
    error.message += StrCat("; did you mean '", nearest, "'?");
    error.data = {{"nearest", nearest}};
  }
  return error;
}

}  // namespace

std::variant<const PipelineInfo*, RpcError> ReadPipeline(const Json& params, const Backend& backend) {
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

MethodResult Call(const RpcRequest& request, Caller& caller, Backend& backend) {
  for (const Method& method : kMethods) {
    if (request.method == method.name) return method.call(request, caller, backend);
  }
  for (const Method& method : kControlMethods) {
    if (request.method != method.name) continue;
    if (caller.kind() == SocketKind::kControl) return method.call(request, caller, backend);
    const std::string& path = backend.config().sockets.control.path;
    return RpcError{rpc::kMethodNotFound,
                    StrCat("method not found: '", method.name, "' is only on the control socket, ", path),
                    {{"reason", "control socket only"}, {"control", path}}};
  }
  return MethodNotFound(request.method);
}

RpcError ClassifyError(const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kExhausted)
    return InvalidParams(error.message);
  return {rpc::kInternalError, StrCat("internal error: ", error.message), nullptr};
}

}  // namespace glimpse::daemon
