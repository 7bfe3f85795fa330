// SPDX-License-Identifier: Apache-2.0
#include "daemon/notifier.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

void Send(const std::string& state) { (void)::sd_notify(/*unset_environment=*/0, state.c_str()); }

}  // namespace

Notifier::Notifier() {
  uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(/*unset_environment=*/0, &microseconds) <= 0) return;
  // A third: one late beat is no reason to be killed.
  watchdog_interval_ = std::chrono::milliseconds(std::max<int64_t>(static_cast<int64_t>(microseconds / 3000), 1));
}

void Notifier::Ready(const std::string& status) { Send(StrCat("READY=1\nSTATUS=", status)); }
void Notifier::Status(const std::string& status) { Send(StrCat("STATUS=", status)); }
void Notifier::Stopping() { Send("STOPPING=1\nSTATUS=stopping"); }
void Notifier::PetWatchdog() { Send("WATCHDOG=1"); }

}  // namespace glimpse::daemon
