// SPDX-License-Identifier: Apache-2.0
// The methods of docs/protocol.md, apart from sockets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/server/backend.h"
#include "daemon/server/rpc.h"
#include "daemon/server/subscription.h"

namespace glimpse::daemon {

// The last prediction of each region, as PredictionMembers() text.
using LatestPredictions = std::map<std::pair<std::string, std::string>, std::shared_ptr<const std::string>>;

// JSON text of a result; an error; or nothing, when the answer comes later.
using MethodResult = std::variant<std::string, RpcError, std::monostate>;

// Answers a request later: called at most once, by any thread.
using Reply = std::function<void(MethodResult)>;

// The client that calls. Its state belongs to its connection.
class Caller {
 public:
  virtual ~Caller() = default;
  virtual SocketKind kind() const = 0;
  // The new subscription's number, or nothing when there are too many.
  virtual std::optional<int> Subscribe(SubscriptionSettings settings) = 0;
  // The numbers that ended; all when nothing is given.
  virtual std::vector<int> Unsubscribe(std::optional<int> subscription) = 0;
  // Milliseconds until the next `classify` is allowed, 0: it is, and this one counts.
  virtual int64_t TakeClassifyToken() = 0;
  // For an answer to `request` that takes a while, which counts as under way until then. Nothing: too many are.
  virtual std::optional<Reply> BeginLater(const RpcRequest& request) = 0;
  // Runs `job` on a thread of its own, after those that wait. False: too many wait, and it will not run.
  virtual bool RunAside(std::function<void()>&& job) = 0;
  virtual ClientCounts clients() const = 0;
  virtual const LatestPredictions& latest() const = 0;
};

// One method of the protocol. On the control socket only where it says so.
struct Method {
  const char* name;
  MethodResult (*call)(const RpcRequest& request, Caller& caller, Backend& backend);
};

// Carries out `request`. Never throws.
MethodResult Call(const RpcRequest& request, Caller& caller, Backend& backend);

// Errors of the engine as errors of the protocol.
RpcError ClassifyError(const Error& error);

}  // namespace glimpse::daemon
