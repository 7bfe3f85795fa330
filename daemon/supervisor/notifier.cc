// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervisor/notifier.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstdlib>

#include "base/strings.h"
#include "daemon/supervisor/environment.h"

namespace glimpse::daemon {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::local::datagram_protocol;

Notifier::Notifier(asio::io_context& io) {
  const char* given = std::getenv("NOTIFY_SOCKET");
  std::string path = given != nullptr ? given : "";
  if (path.starts_with('@')) path[0] = '\0';  // an abstract name
  boost::system::error_code error;
  // Other address families are for supervisors outside a virtual machine, which do not supervise services.
  if (!path.empty() && (path[0] == '/' || path[0] == '\0') && path.size() < 108) {
    datagram_protocol::socket socket(io);
    socket.open(datagram_protocol(), error);
    if (!error) socket.non_blocking(true, error);
    if (!error) socket.connect(datagram_protocol::endpoint(path), error);
    if (!error) socket_ = std::move(socket);
  }
  // A third: one late beat is no reason to be killed.
  if (const auto time = WatchdogTime())
    watchdog_interval_ = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(*time / 3), 1ms);
}

void Notifier::Ready(const std::string& status) { Send(Kind::kState, StrCat("READY=1\nSTATUS=", status)); }
void Notifier::Status(const std::string& status) { Send(Kind::kStatus, StrCat("STATUS=", status)); }
void Notifier::Stopping() { Send(Kind::kState, "STOPPING=1\nSTATUS=stopping"); }
void Notifier::PetWatchdog() { Send(Kind::kWatchdog, "WATCHDOG=1"); }

void Notifier::Send(Kind kind, std::string text) {
  if (!socket_) return;
  if (kind != Kind::kState) std::erase_if(messages_, [=](const Message& message) { return message.kind == kind; });
  messages_.push_back({kind, std::move(text)});
  if (!waiting_) Push();
}

void Notifier::Push() {
  while (!messages_.empty()) {
    boost::system::error_code error;
    socket_->send(asio::buffer(messages_.front().text), 0, error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      waiting_ = true;
      socket_->async_wait(datagram_protocol::socket::wait_write, [this](boost::system::error_code stopped) {
        waiting_ = false;
        if (!stopped) Push();
      });
      return;
    }
    // Anything else is as with sd_notify(3): a supervisor that is gone is no concern of ours.
    messages_.pop_front();
  }
}

}  // namespace glimpse::daemon
