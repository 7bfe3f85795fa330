// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/methods.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/json_text.h"
#include "daemon/messages.h"
#include "daemon/server/control_methods.h"
#include "daemon/server/params.h"
#include "wire/base64.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;

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
                    StrCat("too many subscriptions: max_subscriptions is ", backend.config().sockets.max_subscriptions),
                    nullptr};
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

RpcError TooMany(int64_t wait_ms, const Backend& backend) {
  return {rpc::kTooManyRequests,
          StrCat("too many requests: classify_rate_hz is ", backend.config().sockets.classify_rate_hz),
          {{"retry_after_ms", wait_ms}}};
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
  auto bytes = wire::DecodeBase64(data.get_ref<const std::string&>());
  if (!bytes) return InvalidParams(StrCat("'", name, "' is not base64"));
  const size_t limit = backend.config().sockets.max_image_bytes;
  if (bytes->size() > limit) {
    return InvalidParams(StrCat("'", name, "' has ", bytes->size(), " bytes, max_image_bytes is ", limit));
  }
  what.bytes = std::move(*bytes);
  auto region = ReadRegion(params, info);
  if (region.index() == 1) return std::get<1>(region);
  if (what.is_tensor && std::get<0>(region)) {
    return InvalidParams("'region' needs an 'image'; a tensor is the whole input");
  }
  what.region = std::get<0>(region).value_or("");
  return what;
}

MethodResult Classify(const RpcRequest& request, Caller& caller, Backend& backend) {
  const Json& params = request.params;
  if (const auto wrong = CheckMembers(params, {"pipeline", "image", "tensor", "region"}); wrong.index() == 1) {
    return std::get<1>(wrong);
  }
  // Before the decoding: wrong requests cost as much as right ones.
  if (const int64_t wait = caller.TakeClassifyToken(); wait > 0) return TooMany(wait, backend);
  auto what = ReadClassify(params, backend);
  if (what.index() == 1) return std::get<1>(what);
  auto reply = caller.BeginLater(request);
  if (!reply) return Busy();
  ClassifyRequest& job = std::get<0>(what);
  job.done = [reply = *reply](Result<Prediction> prediction) {
    if (prediction) return reply(PredictionMembers(*prediction) + "}");
    reply(ClassifyError(prediction.error()));
  };
  if (!backend.TryClassify(std::move(job))) (*reply)(Busy());
  return std::monostate{};
}

MethodResult Trigger(const RpcRequest& request, Caller& caller, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {"pipelines"}); wrong.index() == 1) return std::get<1>(wrong);
  const auto wanted = ReadPipelines(request.params, backend);
  if (wanted.index() == 1) return std::get<1>(wanted);
  // It costs an inference, as `classify` does.
  if (const int64_t wait = caller.TakeClassifyToken(); wait > 0) return TooMany(wait, backend);
  const auto& some = std::get<0>(wanted);
  const std::vector<std::string> names =
      some ? std::vector<std::string>(some->begin(), some->end()) : PipelineNames(backend);
  backend.Trigger(names);
  return ToText({{"triggered", names}});
}

constexpr Method kMethods[] = {{"hello", Hello},       {"status", Status},       {"describe", Describe},
                               {"latest", Latest},     {"subscribe", Subscribe}, {"unsubscribe", Unsubscribe},
                               {"classify", Classify}, {"trigger", Trigger}};

// What may be called on that socket.
std::vector<std::string> MethodNames(SocketKind kind) {
  std::vector<std::string> names;
  for (const Method& method : kMethods) names.emplace_back(method.name);
  if (kind == SocketKind::kRead) return names;
  for (const Method& method : ControlMethods()) names.emplace_back(method.name);
  return names;
}

const Method* FindMethod(std::span<const Method> methods, const std::string& name) {
  const auto found = std::find_if(methods.begin(), methods.end(), [&](const Method& m) { return m.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

MethodResult Hello(const RpcRequest& request, Caller& caller, Backend& backend) {
  if (const auto wrong = CheckMembers(request.params, {"client"}); wrong.index() == 1) return std::get<1>(wrong);
  if (const auto client = request.params.find("client"); client != request.params.end()) {
    if (!client->is_string() || client->get_ref<const std::string&>().size() > 200) {
      return InvalidParams("'client' must be text of at most 200 bytes");
    }
    Log(LogLevel::kDebug, StrCat("a client says hello: ", client->get_ref<const std::string&>()));
  }
  const config::Sockets& sockets = backend.config().sockets;
  return ToText({{"name", "glimpsed"},
                 {"version", backend.version()},
                 {"protocol", {{"major", 1}, {"minor", 2}}},
                 {"socket", caller.kind() == SocketKind::kRead ? "read" : "control"},
                 {"pipelines", PipelineNames(backend)},
                 {"methods", MethodNames(caller.kind())},
                 {"limits",
                  {{"max_line_bytes", sockets.max_line_bytes},
                   {"max_line_time_s", sockets.max_line_s},
                   {"max_pending_bytes", sockets.max_pending_bytes},
                   {"max_queue_messages", sockets.max_queue_messages},
                   {"max_answers", sockets.max_answers},
                   {"max_answer_bytes", sockets.max_answer_bytes},
                   {"max_image_bytes", sockets.max_image_bytes},
                   {"max_clients", sockets.max_clients},
                   {"max_subscriptions", sockets.max_subscriptions},
                   {"max_requests", sockets.max_requests},
                   {"max_client_requests", sockets.max_client_requests},
                   {"classify_rate_hz", sockets.classify_rate_hz}}}});
}

RpcError MethodNotFound(const std::string& name, SocketKind kind, const Backend& backend) {
  if (FindMethod(ControlMethods(), name) != nullptr) {
    const std::string& path = backend.config().sockets.control.path;
    return {rpc::kMethodNotFound,
            StrCat("method not found: '", name, "' is only on the control socket, ", path),
            {{"reason", "control socket only"}, {"control", path}}};
  }
  RpcError error{rpc::kMethodNotFound, StrCat("method not found: '", Printable(name, 70), "'"), nullptr};
  const std::string nearest = NearestWord(name, MethodNames(kind));
  if (!nearest.empty()) {
    error.message += StrCat("; did you mean '", nearest, "'?");
    error.data = {{"nearest", nearest}};
  }
  return error;
}

}  // namespace

MethodResult Call(const RpcRequest& request, Caller& caller, Backend& backend) {
  const Method* method = FindMethod(kMethods, request.method);
  if (method == nullptr && caller.kind() == SocketKind::kControl) method = FindMethod(ControlMethods(), request.method);
  if (method == nullptr) return MethodNotFound(request.method, caller.kind(), backend);
  return method->call(request, caller, backend);
}

RpcError ClassifyError(const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kExhausted)
    return InvalidParams(error.message);
  return {rpc::kInternalError, StrCat("internal error: ", error.message), nullptr};
}

}  // namespace glimpse::daemon
