// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/strings.h"

namespace glimpse {

Error ErrnoError(const std::string& what, const std::string& path) {
  const int saved = errno;
  return Error{ErrorCode::kIo, StrCat(path, ": ", what, ": ", std::strerror(saved))};
}

Result<UniqueFd> OpenRegularFile(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return Unexpected(ErrnoError("cannot open", path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Unexpected(ErrnoError("cannot stat", path));
  if (!S_ISREG(info.st_mode)) {
    return Unexpected(ErrorCode::kIo, StrCat(path, ": is not a regular file"));
  }
  return fd;
}

Result<std::vector<std::byte>> ReadFile(const std::string& path, uint64_t max_bytes) {
  GLIMPSE_ASSIGN_OR_RETURN(const UniqueFd fd, OpenRegularFile(path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Unexpected(ErrnoError("cannot stat", path));
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > max_bytes) {
    return Unexpected(ErrorCode::kExhausted, StrCat(path, ": is ", size, " bytes long, the limit is ", max_bytes));
  }
  std::vector<std::byte> bytes(static_cast<size_t>(size));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unexpected(ErrnoError("cannot read", path));
    if (got == 0) {
      return Unexpected(ErrorCode::kIo, StrCat(path, ": shrank while it was read (", done, " of ", size, " bytes)"));
    }
    done += static_cast<size_t>(got);
  }
  return bytes;
}

Result<void> WriteFile(const std::string& path, std::span<const std::byte> bytes) {
  const std::string temporary = StrCat(path, ".tmp.", ::getpid());
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd.valid()) return Unexpected(ErrnoError("cannot create", temporary));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      Error error = ErrnoError("cannot write", temporary);
      ::unlink(temporary.c_str());
      return Unexpected(std::move(error));
    }
    done += static_cast<size_t>(put);
  }
  if (::close(fd.release()) != 0 || std::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = ErrnoError("cannot write", path);
    ::unlink(temporary.c_str());
    return Unexpected(std::move(error));
  }
  return {};
}

}  // namespace glimpse
