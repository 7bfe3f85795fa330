// SPDX-License-Identifier: Apache-2.0
// What systemd is told (sd_notify(3)). Without systemd nothing happens.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>  // before asio: Boost 1.74 uses std::exchange without it

namespace glimpse::daemon {

// For the main thread, which never waits here: sd_notify(3) blocks while whoever supervises us reads nothing, so the
// datagrams are our own. What finds no room waits for it, the newest of each kind.
class Notifier {
 public:
  // Reads NOTIFY_SOCKET and WATCHDOG_USEC once. `io` must outlive the notifier.
  explicit Notifier(boost::asio::io_context& io);

  void Ready(const std::string& status);
  void Status(const std::string& status);
  void Stopping();
  void PetWatchdog();

  // How often PetWatchdog() is due; nothing when systemd does not watch.
  std::optional<std::chrono::milliseconds> watchdog_interval() const { return watchdog_interval_; }

 private:
  enum class Kind { kState, kStatus, kWatchdog };
  struct Message {
    Kind kind;
    std::string text;
  };
  void Send(Kind kind, std::string text);
  void Push();

  std::optional<boost::asio::local::datagram_protocol::socket> socket_;
  std::deque<Message> messages_;  // at most one of kStatus, one of kWatchdog, few of kState
  bool waiting_ = false;
  std::optional<std::chrono::milliseconds> watchdog_interval_;
};

}  // namespace glimpse::daemon
