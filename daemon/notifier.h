// SPDX-License-Identifier: Apache-2.0
// What systemd is told (sd_notify(3)). Without systemd nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace glimpse::daemon {

// For the main thread.
class Notifier {
 public:
  // Reads WATCHDOG_USEC once.
  Notifier();

  void Ready(const std::string& status);
  void Status(const std::string& status);
  void Stopping();
  void PetWatchdog();

  // How often PetWatchdog() is due; nothing when systemd does not watch.
  std::optional<std::chrono::milliseconds> watchdog_interval() const { return watchdog_interval_; }

 private:
  std::optional<std::chrono::milliseconds> watchdog_interval_;
};

}  // namespace glimpse::daemon
