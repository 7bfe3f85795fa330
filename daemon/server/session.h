// SPDX-License-Identifier: Apache-2.0
// One client's connection.
#pragma once

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>  // before asio: Boost 1.74 uses std::exchange without it
#include <vector>

#include "daemon/server/methods.h"
#include "daemon/server/outbox.h"
#include "daemon/server/prediction_text.h"
#include "daemon/server/subscription.h"

namespace glimpse::daemon {

class Server;

// Reads lines, answers them, and is told predictions. One call at a time: under the server's lock, which the handlers
// of asio take. Lives as long as an operation is under way or the server holds it.
//
// A client that does not read: predictions pile up in the outbox, which drops the oldest; answers pile up to a limit,
// then its requests are no longer read. Nobody else notices.
class Session : public Caller, public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;

  Session(Socket socket, SocketKind kind, Server* server, Backend* backend);

  void Start();
  // `text` belongs to `prediction`, made once for all sessions.
  void Deliver(const Prediction& prediction, PredictionText* text, std::chrono::steady_clock::time_point now);
  // To clients with a subscription.
  void DeliverEvent(const std::shared_ptr<const std::string>& line);
  // Begins to write what Deliver() and DeliverEvent() left; called once after several of them.
  void Flush();
  // Closes once everything that waits is written.
  void CloseWhenWritten();
  void Close();
  // Called now and then: a client that has closed both directions is only noticed by asking, and a line that does not
  // come to its end is given up.
  void LookAfter(std::chrono::steady_clock::time_point now);
  uint64_t total_dropped() const { return outbox_.total_dropped(); }
  bool idle() const { return outbox_.empty() && !writing_; }

  // Caller
  SocketKind kind() const override { return kind_; }
  std::optional<int> Subscribe(SubscriptionSettings settings) override;
  std::vector<int> Unsubscribe(std::optional<int> subscription) override;
  int64_t TakeClassifyToken() override;
  std::optional<Reply> BeginLater(const RpcRequest& request) override;
  bool RunAside(std::function<void()>&& job) override;
  ClientCounts clients() const override;
  const LatestPredictions& latest() const override;

 private:
  void Read();
  // Works through what was read, until its end or until too many answers wait.
  void Consume();
  void TakeLine(std::string_view rest_of_line);
  // Keeps the beginning of a line, or gives it up when that is more than one client or all together may hold.
  void KeepPart(std::string_view part);
  void GiveUpLine(const RpcError& error);
  bool TooManyAnswers() const;
  void HandleLine(std::string_view line);
  void HandleRequest(const RpcRequest& request);
  void Answer(std::string line);
  // Sends a line past the empty outbox. False: there is no room, and nothing was sent.
  bool SendNow(const std::string& line);
  void Write();
  void WriteRest(size_t sent);
  void CloseIfDone();

  // What every prediction looks at stands together: with many clients little of it is in the cache.
  Socket socket_;
  Server* server_;  // null once closed
  bool writing_ = false;
  bool closing_ = false;
  std::map<int, Subscription> subscriptions_;
  Outbox outbox_;

  std::recursive_mutex& lock_;  // the server's
  bool reading_ = false;
  bool input_ended_ = false;
  bool skipping_ = false;  // the rest of a line that is too long
  const SocketKind kind_;
  Backend* backend_;
  std::string writing_buffer_;
  std::string_view unread_;  // the part of chunk_ not yet worked through
  std::string line_;         // the beginning of a line whose end has not come
  std::chrono::steady_clock::time_point line_began_;
  int last_subscription_ = 0;
  size_t requests_under_way_ = 0;  // of those answered later
  double tokens_;                  // of `classify`, refilled by time
  std::chrono::steady_clock::time_point tokens_at_;
  std::array<char, 4096> chunk_;
};

}  // namespace glimpse::daemon
