// SPDX-License-Identifier: Apache-2.0
#include "cli/client/connection.h"

#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "base/strings.h"
#include "cli/command.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::json;

constexpr int kSilenceMs = 5000;
constexpr size_t kMaxLine = 64u << 20;  // of whatever it is that answers

std::string PathFrom(const std::string& option, const char* variable, const char* otherwise) {
  if (!option.empty()) return option;
  const char* environment = std::getenv(variable);
  return environment != nullptr && *environment != '\0' ? environment : otherwise;
}

// Why the socket cannot be used, and what to do.
Unexpected ConnectError(const std::string& path, int error) {
  if (error == ENOENT || error == ECONNREFUSED || error == ENOTSOCK) {
    return Unexpected(ErrorCode::kIo,
                      StrCat(path,
                             ": no daemon listens here; start glimpsed ('systemctl start glimpsed'), or "
                             "name its socket with --socket or GLIMPSE_SOCKET"));
  }
  if (error == EACCES || error == EPERM) {
    struct stat info {};
    const group* owner = ::stat(path.c_str(), &info) == 0 ? ::getgrgid(info.st_gid) : nullptr;
    const std::string name = owner != nullptr ? owner->gr_name : "glimpsed";
    return Unexpected(ErrorCode::kIo, StrCat(path, ": permission denied; only the group '", name,
                                             "' may use it: 'sudo adduser $USER ", name, "', then log in again"));
  }
  return Unexpected(ErrorCode::kIo, StrCat(path, ": cannot connect: ", std::strerror(error)));
}

}  // namespace

std::string SocketPath(const std::string& option) { return PathFrom(option, "GLIMPSE_SOCKET", kDefaultSocket); }

std::string ControlSocketPath(const std::string& option) {
  return PathFrom(option, "GLIMPSE_CONTROL_SOCKET", kDefaultControlSocket);
}

std::string ControlSocketHelp() {
  return StrCat("The daemon's control socket; default GLIMPSE_CONTROL_SOCKET, or ", kDefaultControlSocket);
}

Result<Connection> Connection::Open(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Unexpected(ErrorCode::kIo, StrCat(Printable(path), ": is too long for a socket's path"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Unexpected(ErrnoError("cannot make a socket", path));
  int failed = 0;
  do {
    failed = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (failed != 0 && errno == EINTR);
  if (failed != 0) return ConnectError(path, errno);
  return Connection(std::move(fd), path);
}

Result<void> Connection::Send(const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t sent = ::send(fd_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // A daemon that closed may have said why: that is read next.
    if (sent < 0 && errno == EPIPE) return {};
    if (sent < 0) return Unexpected(ErrnoError("cannot write", path_));
    done += static_cast<size_t>(sent);
  }
  return {};
}

Result<std::optional<std::string>> Connection::ReadLine() {
  while (true) {
    const size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      searched_ = 0;
      return std::optional(std::move(line));
    }
    searched_ = buffer_.size();
    if (buffer_.size() > kMaxLine) return Unexpected(ErrorCode::kIo, StrCat(path_, ": sends a line without an end"));
    char chunk[16384];
    const ssize_t got = ::recv(fd_.get(), chunk, sizeof(chunk), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != ECONNRESET) return Unexpected(ErrnoError("cannot read", path_));
    if (got <= 0) return std::optional<std::string>();
    buffer_.append(chunk, static_cast<size_t>(got));
  }
}

Result<std::optional<Json>> Connection::Next() {
  GLIMPSE_ASSIGN_OR_RETURN(auto line, ReadLine());
  if (!line) return std::optional<Json>();
  Json message = Json::parse(*line, nullptr, /*allow_exceptions=*/false);
  if (!message.is_object()) {
    return Unexpected(ErrorCode::kIo,
                      StrCat(path_, ": does not speak the protocol of glimpsed: ", Printable(*line, 80)));
  }
  return std::optional(std::move(message));
}

void Connection::WarnOfSilence() const {
  pollfd state{fd_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&state, 1, kSilenceMs);
  } while (ready < 0 && errno == EINTR);
  if (ready != 0) return;
  // systemd holds the socket of a daemon that cannot start, for instance.
  Warn(StrCat(path_, ": no answer for ", kSilenceMs / 1000,
              " seconds, waiting on; 'systemctl status glimpsed' tells what the daemon does"));
}

Result<Json> Connection::Ask(const std::string& method, Json params) {
  const int id = ++last_id_;
  const Json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
  GLIMPSE_RETURN_IF_ERROR(Send(request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"));
  if (buffer_.empty()) WarnOfSilence();
  while (true) {
    GLIMPSE_ASSIGN_OR_RETURN(auto message, Next());
    if (!message)
      return Unexpected(ErrorCode::kIo, StrCat(path_, ": the daemon closed the connection without an answer"));
    // An error without id is about the connection: too many clients.
    const Json answered = message->value("id", Json());
    if (message->contains("error") && (answered == id || answered.is_null())) return *std::move(message);
    if (message->contains("result") && answered == id) return *std::move(message);
  }
}

Result<Json> Connection::Call(const std::string& method, Json params) {
  GLIMPSE_ASSIGN_OR_RETURN(Json answer, Ask(method, std::move(params)));
  if (!answer.contains("error")) return std::move(answer["result"]);
  const Json& error = answer["error"];
  const bool readable = error.is_object() && error.contains("message") && error["message"].is_string();
  return Unexpected(ErrorCode::kInvalidArgument,
                    StrCat(path_, ": ", readable ? error["message"].get<std::string>() : "the daemon refuses"));
}

}  // namespace glimpse::cli
