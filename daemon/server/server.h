// SPDX-License-Identifier: Apache-2.0
// Both sockets, and everyone connected to them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>  // before asio: Boost 1.74 uses std::exchange without it
#include <vector>

#include "base/unique_fd.h"
#include "daemon/prediction.h"
#include "daemon/server/methods.h"
#include "daemon/server/session.h"
#include "daemon/side_thread.h"

namespace glimpse::daemon {

// Thread-safe, but for what sessions call: handlers of asio and whoever publishes hold one lock, under which no
// function waits for a client or for another thread.
class Server {
 public:
  // Both must outlive the server.
  Server(boost::asio::io_context& io, Backend& backend);
  ~Server();

  // Accepts clients on `fd`, a listening UNIX socket that does not block.
  void Listen(SocketKind kind, UniqueFd fd);

  void Publish(const std::vector<Prediction>& predictions);
  // The same on the caller's thread, unless another thread is at work here. False: nothing was published.
  bool TryPublish(const std::vector<Prediction>& predictions);
  void PublishEvent(const Event& event);

  // Another configuration is the backend's: its limits hold from now on, and the last predictions of pipelines and
  // regions that it does not have are forgotten.
  void TakeOver();

  // Tells the clients, writes what waits for them as far as they read it within a second, closes, then calls `done` on
  // the asio thread.
  void Stop(std::function<void()> done);

  ClientCounts clients() const;

  // For sessions, which hold the lock.
  std::recursive_mutex& lock() { return lock_; }
  const LatestPredictions& latest() const { return latest_; }
  // Runs `job` on the side thread; false: too many wait.
  bool RunAside(std::function<void()>&& job) { return side_thread_.TryRun(std::move(job)); }
  // What all clients together hold in lines without an end, after adding `bytes`.
  uint64_t ChangePending(int64_t bytes) { return pending_bytes_ += static_cast<uint64_t>(bytes); }
  // Called by a session that closed itself.
  void Forget(const std::shared_ptr<Session>& session);

 private:
  struct Door {
    SocketKind kind;
    boost::asio::local::stream_protocol::acceptor acceptor;
    boost::asio::steady_timer pause;
  };
  void Accept(Door& door);
  void Welcome(SocketKind kind, Session::Socket socket);
  void LookAfterSessions();
  // Calls `visit` with every session, beginning with number `first` (modulo their number). One that ends meanwhile is
  // kept until the walk is over.
  template <typename Visit>
  void Walk(size_t first, const Visit& visit);
  void FinishStop();

  // Taken again by what a request leads to: `pause` tells the service manager how many clients there are.
  mutable std::recursive_mutex lock_;  // guards all below
  boost::asio::io_context& io_;
  Backend& backend_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::shared_ptr<Session>> sessions_;  // side by side: all are walked for every frame
  std::vector<std::shared_ptr<Session>> gone_;      // of sessions_, where they left null, while walks_ > 0
  int walks_ = 0;
  LatestPredictions latest_;
  size_t turn_ = 0;  // whose turn it is to be first
  uint64_t refused_ = 0;
  uint64_t dropped_by_the_gone_ = 0;
  uint64_t pending_bytes_ = 0;
  boost::asio::steady_timer look_timer_;
  boost::asio::steady_timer stop_timer_;
  std::function<void()> stopped_;
  bool stopping_ = false;
  SideThread side_thread_;  // last: its jobs answer sessions
};

}  // namespace glimpse::daemon
