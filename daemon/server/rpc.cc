// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/rpc.h"

#include <algorithm>

#include "base/strings.h"
#include "daemon/json_text.h"

namespace glimpse::daemon {
namespace {

using Json = nlohmann::json;

RpcRefusal Refuse(Json id, int code, std::string message) {
  return {std::move(id), {code, std::move(message), nullptr}};
}

}  // namespace

std::variant<RpcRequest, RpcRefusal> ParseRequest(std::string_view line) {
  auto value = FromText(line, kMaxJsonDepth);
  if (!value) {
    return Refuse(nullptr, rpc::kParseError,
                  StrCat("parse error: the line is not JSON, gives a key twice, or is nested deeper than ",
                         kMaxJsonDepth, " levels"));
  }
  if (value->is_array()) return Refuse(nullptr, rpc::kInvalidRequest, "invalid request: batches are not supported");
  if (!value->is_object()) return Refuse(nullptr, rpc::kInvalidRequest, "invalid request: not an object");
  RpcRequest request;
  if (const auto id = value->find("id"); id != value->end()) {
    if (!id->is_string() && !id->is_number() && !id->is_null()) {
      return Refuse(nullptr, rpc::kInvalidRequest, "invalid request: 'id' must be a string, a number or null");
    }
    request.has_id = true;
    request.id = *id;
  }
  const auto version = value->find("jsonrpc");
  if (version == value->end() || *version != "2.0") {
    return Refuse(request.id, rpc::kInvalidRequest, "invalid request: 'jsonrpc' must be \"2.0\"");
  }
  const auto method = value->find("method");
  if (method == value->end() || !method->is_string()) {
    return Refuse(request.id, rpc::kInvalidRequest, "invalid request: 'method' must be a string");
  }
  request.method = method->get<std::string>();
  // Params are judged by the method: an array there is a wrong parameter, not a wrong request.
  if (const auto params = value->find("params"); params != value->end()) request.params = std::move(*params);
  return request;
}

std::string ResultLine(const Json& id, const std::string& result) {
  return StrCat(R"({"jsonrpc":"2.0","id":)", ToText(id), ",\"result\":", result, "}\n");
}

std::string ErrorLine(const Json& id, const RpcError& error) {
  Json body{{"code", error.code}, {"message", error.message}};
  if (!error.data.is_null()) body["data"] = error.data;
  return StrCat(R"({"jsonrpc":"2.0","id":)", ToText(id), ",\"error\":", ToText(body), "}\n");
}

RpcError InvalidParams(const std::string& message) {
  return {rpc::kInvalidParams, StrCat("invalid params: ", message), nullptr};
}

std::variant<std::monostate, RpcError> CheckMembers(const Json& params, const std::vector<std::string>& known) {
  if (!params.is_object()) return InvalidParams("'params' must be an object");
  for (const auto& [key, ignored] : params.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = NearestWord(key, known);
    return InvalidParams(StrCat("unknown member '", Printable(key, 70), "'",
                                nearest.empty() ? "" : StrCat("; did you mean '", nearest, "'?")));
  }
  return std::monostate{};
}

}  // namespace glimpse::daemon
