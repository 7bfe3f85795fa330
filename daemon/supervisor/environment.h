// SPDX-License-Identifier: Apache-2.0
// What systemd hands over in the environment: listening sockets (sd_listen_fds(3)) and the watchdog's time
// (sd_watchdog_enabled(3)). Both protocols are stable and open to other implementations (ADR 0009).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace glimpse::daemon {

struct PassedSocket {
  UniqueFd fd;
  std::string name;  // FileDescriptorName= of its unit, "unknown" when systemd gave none
};

// Takes the descriptors of LISTEN_FDS and removes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, so that no child takes
// them for its own; each is closed on exec from now on. None when there are none or they are meant for another process.
// To be called once, before there are threads. Errors: kInvalidConfig (a number that is none, a descriptor that is not
// open).
Result<std::vector<PassedSocket>> TakePassedSockets();

// Whether the descriptor is a listening UNIX stream socket.
bool IsListeningUnixStream(int fd);

// Within what time systemd wants to hear from us; nothing when it does not watch this process.
std::optional<std::chrono::microseconds> WatchdogTime();

}  // namespace glimpse::daemon
