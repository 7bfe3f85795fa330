// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/listening_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "daemon/supervisor/environment.h"

namespace glimpse::daemon {
namespace {

// As many as the system allows: a client that does not block is refused while the queue is full.
constexpr int kBacklog = SOMAXCONN;
constexpr const char* kTemporarySuffix = "~";  // the configuration leaves room for it

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
  return address;
}

UniqueFd NewSocket() { return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

// Makes way for a new socket file: removes one that nobody listens on.
Result<void> ClearPath(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return Unexpected(ErrnoError("cannot look at", path));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Unexpected(ErrorCode::kIo, StrCat(path, ": is there and no socket; remove it, or choose another path"));
  }
  const UniqueFd probe = NewSocket();
  const sockaddr_un address = AddressOf(path);
  if (!probe.valid()) return Unexpected(ErrnoError("cannot make a socket", path));
  // EAGAIN: the other's queue of connections is full, so it lives.
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 || errno == EAGAIN) {
    return Unexpected(ErrorCode::kIo, StrCat(path, ": another daemon listens here; stop it, or choose another path"));
  }
  if (errno != ECONNREFUSED) return Unexpected(ErrnoError("cannot tell whether a daemon listens", path));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return Unexpected(ErrnoError("cannot remove the old socket", path));
  return {};
}

// Gives the socket to its group. A default group that this machine lacks is no error: then the mode alone counts.
Result<void> SetGroup(const config::Socket& socket, const std::string& file, std::vector<std::string>* notes) {
  if (socket.group.empty()) return {};
  const group* found = ::getgrnam(socket.group.c_str());
  std::string problem;
  if (found == nullptr) {
    problem = StrCat("the group '", Printable(socket.group, 60), "' does not exist");
  } else if (::lchown(file.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0) {
    problem = StrCat("cannot give it to the group '", socket.group, "': ", std::strerror(errno));
  } else {
    return {};
  }
  if (!socket.group_is_default) {
    return Unexpected(
        ErrorCode::kInvalidConfig,
        StrCat(socket.path, ": ", problem, "; create the group and join it, or set the socket's 'group' to \"\""));
  }
  notes->push_back(StrCat(socket.path, ": ", problem, "; only the daemon's own user and group may use this socket"));
  return {};
}

}  // namespace

Result<ListeningSocket> ListeningSocket::Make(const config::Socket& socket, std::vector<std::string>* notes) {
  const std::string& path = socket.path;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  UniqueFd lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock.valid()) {
    Error error = ErrnoError("cannot open the folder of the socket", folder);
    error.message += "; create it, or set sockets.read.path and sockets.control.path";
    return Unexpected(std::move(error));
  }
  // Two daemons that start at once would each find the path free.
  if (::flock(lock.get(), LOCK_EX) != 0) return Unexpected(ErrnoError("cannot lock", folder));
  GLIMPSE_RETURN_IF_ERROR(ClearPath(path));
  UniqueFd fd = NewSocket();
  if (!fd.valid()) return Unexpected(ErrnoError("cannot make a socket", path));
  // Made under another name and renamed when all is right: whoever sees the socket can connect to it.
  const std::string temporary = path + kTemporarySuffix;
  const sockaddr_un address = AddressOf(temporary);
  ::unlink(temporary.c_str());
  if (::fchmod(fd.get(), 0) != 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Unexpected(ErrnoError("cannot make the socket", path));
  }
  struct stat info {};
  if (::lstat(temporary.c_str(), &info) != 0) return Unexpected(ErrnoError("cannot look at", temporary));
  ListeningSocket made(std::move(fd), temporary, FileId{info.st_dev, info.st_ino});
  GLIMPSE_RETURN_IF_ERROR(SetGroup(socket, temporary, notes));
  if (::chmod(temporary.c_str(), socket.mode) != 0) return Unexpected(ErrnoError("cannot set the mode", path));
  if (::listen(made.fd(), kBacklog) != 0) return Unexpected(ErrnoError("cannot listen", path));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return Unexpected(ErrnoError("cannot make the socket", path));
  made.path_ = path;
  return made;
}

ListeningSocket ListeningSocket::Inherit(UniqueFd fd, std::string path) {
  return ListeningSocket(std::move(fd), std::move(path), std::nullopt);
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::move(other.fd_)), path_(std::move(other.path_)), own_(std::exchange(other.own_, std::nullopt)) {}

ListeningSocket::~ListeningSocket() {
  struct stat info {};
  if (!own_ || ::lstat(path_.c_str(), &info) != 0) return;
  if (info.st_dev == own_->device && info.st_ino == own_->inode) ::unlink(path_.c_str());
}

Result<InheritedSockets> TakeInheritedSockets() {
  InheritedSockets sockets;
  GLIMPSE_ASSIGN_OR_RETURN(std::vector<PassedSocket> passed, TakePassedSockets());
  for (auto& [fd, name] : passed) {
    UniqueFd* place = name == "read" ? &sockets.read : name == "control" ? &sockets.control : nullptr;
    if (place == nullptr || place->valid()) {
      return Unexpected(ErrorCode::kInvalidConfig,
                        StrCat("systemd passed a socket named '", Printable(name, 60),
                               "'; one with FileDescriptorName=read and one with control are expected"));
    }
    if (!IsListeningUnixStream(fd.get())) {
      return Unexpected(
          ErrorCode::kInvalidConfig,
          StrCat("the socket '", name, "' from systemd is no listening UNIX stream socket; use ListenStream=/PATH"));
    }
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    *place = std::move(fd);
  }
  return sockets;
}

}  // namespace glimpse::daemon
