// SPDX-License-Identifier: Apache-2.0
// A client's end of the daemon's socket (docs/protocol.md).
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace glimpse::cli {

inline constexpr const char* kDefaultSocket = "/run/glimpsed/glimpsed.sock";

inline constexpr const char* kDefaultControlSocket = "/run/glimpsed/control.sock";

// `option` if it is not "", else GLIMPSE_SOCKET, else the default.
std::string SocketPath(const std::string& option);
// The same for what only the control socket has, with GLIMPSE_CONTROL_SOCKET.
std::string ControlSocketPath(const std::string& option);
// What --help says of the option --socket of a command that needs the control socket.
std::string ControlSocketHelp();

// Blocks; for one thread.
class Connection {
 public:
  // Errors: kIo that says whether no daemon is there, or which group may use the socket.
  static Result<Connection> Open(const std::string& path);

  // Sends a request and waits for its answer; what comes before it is kept for Next(). Errors: kIo when the connection
  // ends or the daemon speaks nonsense; kInvalidArgument with the daemon's own words when it refuses.
  Result<nlohmann::json> Call(const std::string& method, nlohmann::json params);

  // The same for callers that look into the daemon's refusal: the whole answer, which has either `result` or `error`.
  Result<nlohmann::json> Ask(const std::string& method, nlohmann::json params);

  // The next notification, or nothing when the daemon closed the connection. Errors: kIo.
  Result<std::optional<nlohmann::json>> Next();

 private:
  Connection(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Result<void> Send(const std::string& text);
  // Waits for the first bytes; says so on standard error when they take long.
  void WarnOfSilence() const;
  Result<std::optional<std::string>> ReadLine();

  UniqueFd fd_;
  std::string path_;
  std::string buffer_;
  size_t searched_ = 0;  // part of buffer_ that has no line end
  int last_id_ = 0;
};

}  // namespace glimpse::cli
