// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/private_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/strings.h"

namespace glimpse {
namespace {

#ifndef MFD_EXEC
constexpr unsigned MFD_EXEC = 0x10;  // Linux 6.3; older C libraries lack it
#endif

Unexpected SystemError(const std::string& what) {
  const int saved = errno;
  return Unexpected(ErrorCode::kPlugin, StrCat(what, ": ", std::strerror(saved)));
}

Result<size_t> PluginBytes(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return SystemError("cannot stat");
  if (static_cast<uint64_t>(info.st_size) > kMaxPluginBytes) {
    return Unexpected(ErrorCode::kPlugin,
                      StrCat("is ", info.st_size, " bytes long, a plugin may have ", kMaxPluginBytes));
  }
  return static_cast<size_t>(info.st_size);
}

int MakeAnonymousFile(const std::string& name) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = ::memfd_create(name.c_str(), kFlags | MFD_EXEC);
  // A kernel before 6.3 does not know the flag, and gives execute permission without it.
  return fd < 0 && errno == EINVAL ? ::memfd_create(name.c_str(), kFlags) : fd;
}

// Busy is a file of which the kernel itself holds a page at this moment, to age or to move it. It waits some 100 ms
// before it says so; on a busy machine that is not always enough.
int Seal(int fd) {
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  constexpr int kTries = 10;
  int result = ::fcntl(fd, F_ADD_SEALS, kSeals);
  for (int i = 1; i < kTries && result != 0 && errno == EBUSY; ++i) result = ::fcntl(fd, F_ADD_SEALS, kSeals);
  return result;
}

// The first `size` bytes of `from`, without a way through our memory.
Result<void> Copy(int from, int to, size_t size) {
  off_t done = 0;
  while (static_cast<size_t>(done) < size) {
    const ssize_t got = ::sendfile(to, from, &done, size - static_cast<size_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("cannot make the private copy that is loaded");
    if (got == 0) return Unexpected(ErrorCode::kPlugin, "shrank while it was read: load it again");
  }
  return {};
}

}  // namespace

Result<PrivateCopy> PrivateCopy::Of(int fd, const std::string& name) {
  GLIMPSE_ASSIGN_OR_RETURN(const size_t size, PluginBytes(fd));
  // The kernel's limit on such names.
  PrivateCopy copy(UniqueFd(MakeAnonymousFile(name.substr(0, 200))));
  if (!copy.fd_.valid()) return SystemError("cannot make the private copy that is loaded (memfd_create)");
  GLIMPSE_RETURN_IF_ERROR(Copy(fd, copy.fd_.get(), size));
  if (Seal(copy.fd_.get()) != 0) return SystemError("cannot seal the private copy that is loaded");
  GLIMPSE_RETURN_IF_ERROR(copy.Map(size));
  return copy;
}

Result<PrivateCopy> PrivateCopy::InPlace(UniqueFd fd) {
  GLIMPSE_ASSIGN_OR_RETURN(const size_t size, PluginBytes(fd.get()));
  PrivateCopy file(std::move(fd));
  GLIMPSE_RETURN_IF_ERROR(file.Map(size));
  return file;
}

Result<void> PrivateCopy::Map(size_t size) {
  if (size == 0) return {};
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd_.get(), 0);
  if (mapped == MAP_FAILED) return SystemError("cannot map what is to be loaded");
  bytes_ = {static_cast<const std::byte*>(mapped), size};
  return {};
}

UniqueFd PrivateCopy::TakeFile() {
  Unmap();
  return std::move(fd_);
}

void PrivateCopy::Unmap() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  bytes_ = {};
}

bool SameContent(int fd, std::span<const std::byte> bytes) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || static_cast<size_t>(info.st_size) != bytes.size()) return false;
  std::vector<std::byte> block(size_t{64} << 10);
  size_t done = 0;
  while (done < bytes.size()) {
    const size_t want = std::min(block.size(), bytes.size() - done);
    const ssize_t got = ::pread(fd, block.data(), want, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || std::memcmp(block.data(), bytes.data() + done, static_cast<size_t>(got)) != 0) return false;
    done += static_cast<size_t>(got);
  }
  return true;
}

}  // namespace glimpse
