// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/messages.h"

namespace glimpse::daemon {
namespace {

using boost::system::error_code;

constexpr std::chrono::seconds kLookInterval(1);
constexpr std::chrono::seconds kStopTime(1);
constexpr std::chrono::milliseconds kAcceptPause(200);

}  // namespace

Server::Server(boost::asio::io_context& io, Backend& backend)
    : io_(io),
      backend_(backend),
      look_timer_(io),
      stop_timer_(io),
      side_thread_(backend.config().sockets.max_requests) {
  LookAfterSessions();
}

Server::~Server() {
  const auto sessions = std::move(sessions_);
  sessions_.clear();
  for (const auto& session : sessions) session->Close();
}

void Server::Listen(SocketKind kind, UniqueFd fd) {
  const std::lock_guard lock(lock_);
  auto door = std::make_unique<Door>(
      Door{kind, boost::asio::local::stream_protocol::acceptor(io_, boost::asio::local::stream_protocol(), fd.get()),
           boost::asio::steady_timer(io_)});
  fd.release();  // the acceptor closes it
  Accept(*door);
  doors_.push_back(std::move(door));
}

void Server::Accept(Door& door) {
  door.acceptor.async_accept([this, &door](error_code error, Session::Socket socket) {
    const std::lock_guard lock(lock_);
    if (stopping_ || error == boost::asio::error::operation_aborted) return;
    if (!error) {
      Welcome(door.kind, std::move(socket));
      return Accept(door);
    }
    // Out of descriptors, for instance: trying again at once would spin.
    Log(LogLevel::kWarning, StrCat("cannot accept a client: ", error.message(), "; trying again"));
    door.pause.expires_after(kAcceptPause);
    door.pause.async_wait([this, &door](error_code stopped) {
      const std::lock_guard later_lock(lock_);
      if (!stopped && !stopping_) Accept(door);
    });
  });
}

void Server::Welcome(SocketKind kind, Session::Socket socket) {
  const auto same = static_cast<size_t>(
      std::count_if(sessions_.begin(), sessions_.end(), [=](const auto& s) { return s->kind() == kind; }));
  const uint32_t limit = backend_.config().sockets.max_clients;
  if (same >= limit) {
    ++refused_;
    const std::string line = ErrorLine(
        nullptr, {rpc::kTooManyClients, StrCat("too many clients: the limit is ", limit), {{"max_clients", limit}}});
    // A new connection's buffer is empty, so this neither waits nor is cut short.
    (void)::send(socket.native_handle(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return;
  }
  error_code ignored;
  socket.non_blocking(true, ignored);
  auto session = std::make_shared<Session>(std::move(socket), kind, this, &backend_);
  sessions_.push_back(session);
  session->Start();
}

template <typename Visit>
void Server::Walk(size_t first, const Visit& visit) {
  ++walks_;
  const size_t count = sessions_.size();
  for (size_t i = 0; i < count; ++i) {
    if (Session* session = sessions_[(first + i) % count].get()) visit(*session);
  }
  if (--walks_ > 0) return;
  std::erase(sessions_, nullptr);
  gone_.clear();
  if (stopping_ && sessions_.empty()) FinishStop();
}

bool Server::TryPublish(const std::vector<Prediction>& predictions) {
  const std::unique_lock lock(lock_, std::try_to_lock);
  if (lock) Publish(predictions);
  return lock.owns_lock();
}

void Server::Publish(const std::vector<Prediction>& predictions) {
  const std::lock_guard lock(lock_);
  const auto now = std::chrono::steady_clock::now();
  std::vector<PredictionText> texts;
  for (const Prediction& prediction : predictions) {
    texts.emplace_back(prediction);
    latest_.insert_or_assign({prediction.pipeline->name, prediction.region}, texts.back().members());
  }
  // Each time another one is first: with many of them the last has waited for all the others.
  Walk(++turn_, [&](Session& session) {
    for (size_t i = 0; i < predictions.size(); ++i) session.Deliver(predictions[i], &texts[i], now);
    session.Flush();
  });
}

void Server::PublishEvent(const Event& event) {
  const std::lock_guard lock(lock_);
  const auto line = std::make_shared<const std::string>(EventLine(event));
  Walk(0, [&](Session& session) {
    session.DeliverEvent(line);
    session.Flush();
  });
}

void Server::TakeOver() {
  const std::lock_guard lock(lock_);
  side_thread_.SetCapacity(backend_.config().sockets.max_requests);
  std::erase_if(latest_, [&](const auto& entry) {
    const auto& [pipeline, region] = entry.first;
    for (const auto& info : backend_.pipelines()) {
      if (info->name != pipeline) continue;
      return std::find(info->regions.begin(), info->regions.end(), region) == info->regions.end();
    }
    return true;
  });
}

ClientCounts Server::clients() const {
  const std::lock_guard lock(lock_);
  ClientCounts counts;
  for (const auto& session : sessions_) ++(session->kind() == SocketKind::kRead ? counts.read : counts.control);
  counts.refused = refused_;
  counts.dropped = dropped_by_the_gone_;
  for (const auto& session : sessions_) counts.dropped += session->total_dropped();
  return counts;
}

void Server::Forget(const std::shared_ptr<Session>& session) {
  dropped_by_the_gone_ += session->total_dropped();
  const auto place = std::find(sessions_.begin(), sessions_.end(), session);
  if (place == sessions_.end()) return;
  if (walks_ > 0) {
    gone_.push_back(std::move(*place));
    return;
  }
  sessions_.erase(place);
  if (stopping_ && sessions_.empty()) FinishStop();
}

void Server::LookAfterSessions() {
  look_timer_.expires_after(kLookInterval);
  look_timer_.async_wait([this](error_code error) {
    if (error) return;
    const std::lock_guard lock(lock_);
    const auto now = std::chrono::steady_clock::now();
    Walk(0, [now](Session& session) { session.LookAfter(now); });
    LookAfterSessions();
  });
}

void Server::Stop(std::function<void()> done) {
  const std::lock_guard lock(lock_);
  if (stopping_) return;
  PublishEvent({"stopping", {{"message", "the daemon ends"}}});
  stopping_ = true;
  stopped_ = std::move(done);
  error_code ignored;
  for (const auto& door : doors_) {
    door->acceptor.close(ignored);
    door->pause.cancel();
  }
  look_timer_.cancel();
  Walk(0, [](Session& session) { session.CloseWhenWritten(); });
  if (sessions_.empty()) return FinishStop();
  stop_timer_.expires_after(kStopTime);
  stop_timer_.async_wait([this](error_code error) {
    if (error) return;
    const std::lock_guard later_lock(lock_);
    Walk(0, [](Session& session) { session.Close(); });
  });
}

void Server::FinishStop() {
  stop_timer_.cancel();
  // Posted: this may be the thread that publishes, which must not end the server under its own feet.
  if (auto done = std::exchange(stopped_, nullptr)) boost::asio::post(io_, std::move(done));
}

}  // namespace glimpse::daemon
