// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0: from a line to a request, from a result or error to a line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace glimpse::daemon {

// Codes of docs/protocol.md.
namespace rpc {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kLineTooLong = -32000;
inline constexpr int kTooManyRequests = -32001;
inline constexpr int kBusy = -32002;
inline constexpr int kTooManyClients = -32003;
inline constexpr int kTooManySubscriptions = -32004;
inline constexpr int kNotKept = -32005;
inline constexpr int kRefused = -32006;
}  // namespace rpc

inline constexpr int kMaxJsonDepth = 32;

struct RpcError {
  int code = rpc::kInternalError;
  std::string message;
  nlohmann::json data = nullptr;  // null: left out
};

struct RpcRequest {
  bool has_id = false;  // without: a notification, never answered
  nlohmann::json id = nullptr;
  std::string method;
  nlohmann::json params = nlohmann::json::object();
};

// An error of a line that cannot be understood, and the id to answer with as far as it was found.
struct RpcRefusal {
  nlohmann::json id = nullptr;
  RpcError error;
};

// Never throws, whatever the bytes are.
std::variant<RpcRequest, RpcRefusal> ParseRequest(std::string_view line);

// Whole lines. `result` is JSON text.
std::string ResultLine(const nlohmann::json& id, const std::string& result);
std::string ErrorLine(const nlohmann::json& id, const RpcError& error);

// "invalid params: MESSAGE".
RpcError InvalidParams(const std::string& message);

// Nothing, or the error naming a member of `params` that is not among `known`, and the nearest that is.
std::variant<std::monostate, RpcError> CheckMembers(const nlohmann::json& params,
                                                    const std::vector<std::string>& known);

}  // namespace glimpse::daemon
