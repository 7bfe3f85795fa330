// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervisor/environment.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

constexpr int kFirstPassed = 3;

// A whole number from 0 on; nothing when the variable is missing or holds anything else.
std::optional<int64_t> NumberOf(const char* variable) {
  const char* given = std::getenv(variable);
  if (given == nullptr) return std::nullopt;
  const std::string_view text = given;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end() || value < 0) return std::nullopt;
  return value;
}

std::optional<int> OptionOf(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return std::nullopt;
  return value;
}

// "a:b" by colons; what is missing is "unknown", as sd_listen_fds_with_names(3) has it.
std::vector<std::string> NamesOf(const char* given, size_t count) {
  std::vector<std::string> names;
  std::string_view rest = given != nullptr ? given : "";
  while (names.size() < count && !rest.empty()) {
    const size_t colon = rest.find(':');
    names.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  names.resize(count, "unknown");
  return names;
}

Result<std::vector<PassedSocket>> Take() {
  std::vector<PassedSocket> sockets;
  if (NumberOf("LISTEN_PID") != ::getpid() || std::getenv("LISTEN_FDS") == nullptr) return sockets;
  const std::optional<int64_t> count = NumberOf("LISTEN_FDS");
  if (!count || *count > std::numeric_limits<int>::max() - kFirstPassed) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat("LISTEN_FDS is '", Printable(std::getenv("LISTEN_FDS"), 60),
                                                        "', not a number of sockets; systemd sets it"));
  }
  // Before memory is taken for as many: what is not open was never passed.
  for (int fd = kFirstPassed; fd < kFirstPassed + *count; ++fd) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return Unexpected(ErrorCode::kInvalidConfig, StrCat("LISTEN_FDS promises ", *count, " sockets, but descriptor ",
                                                          fd, ": ", std::strerror(errno)));
    }
  }
  for (std::string& name : NamesOf(std::getenv("LISTEN_FDNAMES"), static_cast<size_t>(*count)))
    sockets.push_back({UniqueFd(kFirstPassed + static_cast<int>(sockets.size())), std::move(name)});
  return sockets;
}

}  // namespace

Result<std::vector<PassedSocket>> TakePassedSockets() {
  auto sockets = Take();
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  return sockets;
}

bool IsListeningUnixStream(int fd) {
  return OptionOf(fd, SO_DOMAIN) == AF_UNIX && OptionOf(fd, SO_TYPE) == SOCK_STREAM && OptionOf(fd, SO_ACCEPTCONN) == 1;
}

std::optional<std::chrono::microseconds> WatchdogTime() {
  const std::optional<int64_t> microseconds = NumberOf("WATCHDOG_USEC");
  if (!microseconds || *microseconds == 0) return std::nullopt;
  if (std::getenv("WATCHDOG_PID") != nullptr && NumberOf("WATCHDOG_PID") != ::getpid()) return std::nullopt;
  return std::chrono::microseconds(*microseconds);
}

}  // namespace glimpse::daemon
