// SPDX-License-Identifier: Apache-2.0
// The methods of docs/protocol.md, apart from sockets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/server/backend.h"
#include "daemon/server/rpc.h"
#include "daemon/server/subscription.h"

namespace glimpse::daemon {

inline constexpr size_t kMaxSubscriptions = 16;

// The last prediction of each region, as PredictionMembers() text.
using LatestPredictions = std::map<std::pair<std::string, std::string>, std::shared_ptr<const std::string>>;

// JSON text of a result; an error; or nothing, when the answer comes later.
using MethodResult = std::variant<std::string, RpcError, std::monostate>;

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
  // Answers `id` later with what becomes of the request. False: the queue is full, nothing will come.
  virtual bool StartClassify(const RpcRequest& request, ClassifyRequest&& what) = 0;
  // For an answer that takes time: what is returned answers `request`, once, from any thread, whatever became of the
  // connection. While some are under way the connection stays open.
  virtual std::function<void(MethodResult)> AnswerLater(const RpcRequest& request) = 0;
  // The answer asked for last will not come.
  virtual void CancelAnswer() = 0;
  virtual ClientCounts clients() const = 0;
  virtual const LatestPredictions& latest() const = 0;
};

// Carries out `request`. Never throws.
MethodResult Call(const RpcRequest& request, Caller& caller, Backend& backend);

// The pipeline that `params` name, or the only one.
std::variant<const PipelineInfo*, RpcError> ReadPipeline(const nlohmann::json& params, const Backend& backend);

// Errors of the engine as errors of the protocol.
RpcError ClassifyError(const Error& error);

}  // namespace glimpse::daemon
