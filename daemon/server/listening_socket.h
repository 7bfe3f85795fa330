// SPDX-License-Identifier: Apache-2.0
// A UNIX socket that listens: one of our own making, or one that systemd made.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "config/config.h"

namespace glimpse::daemon {

// Removes the file of a socket of its own when it goes, if the path still leads to it: whoever replaced it keeps
// theirs.
class ListeningSocket {
 public:
  // Makes, binds and listens, with the mode and group of `socket`. A file left by a daemon that is gone is replaced.
  // `notes` gets what is worth a line in the log and no error.
  // Errors: kIo when another daemon listens there, when the path is taken by something else, when a folder is missing;
  // kInvalidConfig for a named group that does not exist or may not be given away to. Each names path and remedy.
  static Result<ListeningSocket> Make(const config::Socket& socket, std::vector<std::string>* notes);

  // Takes over a descriptor that listens already. Its file is left alone.
  static ListeningSocket Inherit(UniqueFd fd, std::string path);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int fd() const { return fd_.get(); }
  UniqueFd TakeFd() { return std::move(fd_); }
  const std::string& path() const { return path_; }
  bool inherited() const { return !own_; }

 private:
  struct FileId {
    dev_t device;
    ino_t inode;
  };
  ListeningSocket(UniqueFd fd, std::string path, std::optional<FileId> own)
      : fd_(std::move(fd)), path_(std::move(path)), own_(own) {}
  UniqueFd fd_;
  std::string path_;
  std::optional<FileId> own_;
};

// What systemd passed us (sd_listen_fds(3)): for each socket of the configuration the descriptor named `read` or
// `control`, if there is one. Errors: kInvalidConfig for a descriptor that is no listening UNIX stream socket or has
// another name.
struct InheritedSockets {
  UniqueFd read;
  UniqueFd control;
};
Result<InheritedSockets> TakeInheritedSockets();

}  // namespace glimpse::daemon
